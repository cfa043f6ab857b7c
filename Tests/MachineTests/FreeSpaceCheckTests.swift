@testable import Machine
import Testing
@testable import VM

/// When a file system counts as nearly full.
@Suite struct FreeSpaceCheckTests {
  @Test(arguments: [
    (
      FreeSpaceCheck.Space(freeBytes: 63 << 20, bytes: 10 << 30, freeInodes: 5000, inodes: 9000),
      true
    ),
    (
      FreeSpaceCheck.Space(freeBytes: 64 << 20, bytes: 10 << 30, freeInodes: 5000, inodes: 9000),
      false
    ),
    // A small one that is empty.
    (
      FreeSpaceCheck.Space(freeBytes: 7 << 20, bytes: 8 << 20, freeInodes: 5000, inodes: 9000),
      false
    ),
    (
      FreeSpaceCheck.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 999, inodes: 90_000),
      true
    ),
    (
      FreeSpaceCheck.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 999, inodes: 1000),
      false
    ),
    // One that makes inodes as they are needed.
    (FreeSpaceCheck.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 0, inodes: 0), false),
  ])
  func nearlyFull(space: FreeSpaceCheck.Space, isShort: Bool) {
    #expect((space.shortage != nil) == isShort)
  }

  @Test func aFileInPlaceOfTheRecordFolderIsNotAPermissionProblem() throws {
    let vm = TemporaryVM()
    vm.write("state", bytes: [], mode: 0o644)
    let found = FreeSpaceCheck.problems(of: [try vm.open()], state: vm.at("state"))
      .filter { !$0.isWarning }
    #expect(found.map(\.what) == ["is not a folder"])
    #expect(found.map(\.path) == [vm.at("state")])
  }
}
