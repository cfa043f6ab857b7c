@testable import Machine
import Testing
@testable import VM

/// When a file system counts as nearly full.
@Suite struct SpaceLookTests {
  @Test(arguments: [
    (SpaceLook.Space(freeBytes: 63 << 20, bytes: 10 << 30, freeInodes: 5000, inodes: 9000), true),
    (SpaceLook.Space(freeBytes: 64 << 20, bytes: 10 << 30, freeInodes: 5000, inodes: 9000), false),
    // A small one that is empty.
    (SpaceLook.Space(freeBytes: 7 << 20, bytes: 8 << 20, freeInodes: 5000, inodes: 9000), false),
    (SpaceLook.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 999, inodes: 90_000), true),
    (SpaceLook.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 999, inodes: 1000), false),
    // One that makes inodes as they are needed.
    (SpaceLook.Space(freeBytes: 1 << 30, bytes: 10 << 30, freeInodes: 0, inodes: 0), false),
  ])
  func nearlyFull(space: SpaceLook.Space, isShort: Bool) {
    #expect((space.shortage != nil) == isShort)
  }

  @Test func aFileInPlaceOfTheRecordsIsNoMatterOfRights() throws {
    let root = TemporaryRoot()
    root.write("state", bytes: [], mode: 0o644)
    let found = SpaceLook.problems(of: [try root.open()], state: root.at("state"))
      .filter { !SpaceLook.isOfSpace($0) }
    #expect(found.map(\.what) == ["is not a folder"])
    #expect(found.map(\.path) == [root.at("state")])
  }
}
