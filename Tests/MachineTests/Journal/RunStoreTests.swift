import CLinux
import Glibc
@testable import Machine
@testable import System
import Testing
@testable import VM
@testable import Words

/// The folder of the runs.
@Suite struct RunStoreTests {
  private let vm = TemporaryVM()

  private func open(makes: Bool = true) throws -> RunStore {
    try RunStore(.beneath(vm.open()), makes: makes)
  }

  private func refusal(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? Problem).map { "\($0)" } ?? "\(error)"
    }
  }

  private func mode(_ path: String) -> mode_t? {
    FileStatus(path, follow: false).map { $0.mode & 0o7777 }
  }

  /// Runs with these names, which have journals.
  private func runs(_ names: String...) throws -> RunStore {
    let state = try open()
    for name in names { vm.write("data/lockstep/runs/\(name)/journal", "") }
    return state
  }

  @Test func isCreatedInTheVMsFolder() throws {
    let (run, file) = try open().makeRun()
    try file.close()
    let path = vm.at("data/lockstep/runs/\(run.id)")
    #expect(run.path == path)
    #expect(run.journalPath == "\(path)/journal")
    #expect(run.stepsPath == "\(path)/steps")
    for folder in [path, run.stepsPath, vm.at("data/lockstep"), vm.at("data/lockstep/runs")] {
      #expect(mode(folder) == 0o700)
    }
    #expect(try namesInFolder(path) == ["journal", "steps"])
    #expect(try open(makes: false).runIDs() == [run.id])
  }

  @Test func isCreatedInAnyFolder() throws {
    for path in [vm.at("a/b/c"), vm.at("d//e///"), vm.at("f")] {
      let (run, file) = try RunStore(.at(path), makes: true).makeRun()
      try file.close()
      #expect(access("\(path)/runs/\(run.id)/journal", F_OK) == 0)
      #expect(try RunStore(.at(path), makes: false).runIDs() == [run.id])
    }
  }

  @Test func readingCreatesNothing() throws {
    let names = try namesInFolder(vm.path)
    let nothing = "no run has been recorded there; is this the right --vm ROOT or --state DIR?"
    #expect(refusal { _ = try open(makes: false) } == "\(vm.at("data/lockstep")): \(nothing)")
    let place = RunStore.Place.at(vm.at("a/b"))
    #expect(
      refusal { _ = try RunStore(place, makes: false) } == "\(vm.at("a/b")): \(nothing)"
    )
    #expect(try namesInFolder(vm.path) == names)
    vm.makeFolder("a")
    vm.makeFolder("a/b")
    #expect(
      refusal { _ = try RunStore(place, makes: false) } == "\(vm.at("a/b")): \(nothing)"
    )
  }

  /// On a real VM `data` is a mount, elsewhere it may be a link.
  @Test func linksMustStayInsideTheVMsFolder() throws {
    vm.makeFolder("store")
    symlink(vm.at("store"), vm.at("data"))
    let (run, file) = try open().makeRun()
    try file.close()
    #expect(try namesInFolder(vm.at("store/lockstep/runs")) == [run.id.text])

    let outside = TemporaryVM()
    unlink(vm.at("data"))
    symlink(outside.path, vm.at("data"))
    #expect(
      refusal { _ = try open() }
        == "\(vm.path)/data: leads outside the VM's folder, to '\(outside.path)'; if that is meant, "
        + "give a folder there with --state DIR"
    )
    #expect(access(outside.at("lockstep"), F_OK) != 0)
    unlink(vm.at("data"))
    vm.makeFolder("data")
    symlink(outside.path, vm.at("data/lockstep"))
    #expect(
      refusal { _ = try open() }
        == "\(vm.path)/data/lockstep: leads outside the VM's folder, to '\(outside.path)'; if that "
        + "is meant, give a folder there with --state DIR"
    )
    #expect(try namesInFolder(outside.path) == ["jobs", "sys"])
    unlink(vm.at("data/lockstep"))
    symlink(vm.at("nothing"), vm.at("data/lockstep"))
    #expect(
      refusal { _ = try open() }
        == "\(vm.path)/data/lockstep: is a dangling link; fix or remove it"
    )
  }

  @Test func otherFilesInItsPlace() throws {
    let help = "remove it, or give another folder with --state DIR"
    vm.write("data", "")
    #expect(refusal { _ = try open() } == "\(vm.at("data")): is not a folder; \(help)")
    unlink(vm.at("data"))
    vm.write("data/lockstep", "")
    let path = vm.at("data/lockstep")
    #expect(refusal { _ = try open() } == "\(path): is not a folder; \(help)")
    #expect(
      refusal { _ = try RunStore(.at(path), makes: true) } == "\(path): is not a folder; \(help)"
    )
    #expect(
      refusal { _ = try RunStore(.at("\(path)/a"), makes: true) }
        == "\(path)/a: is not a folder; \(help)"
    )
    unlink(path)
    vm.write("data/lockstep/runs", "")
    #expect(refusal { _ = try open() } == "\(path)/runs: is not a folder; \(help)")
    unlink("\(path)/runs")
    symlink(vm.path, "\(path)/runs")
    #expect(
      refusal { _ = try open() }
        == "\(path)/runs: is a link; the record of a run needs a real file or folder; \(help)"
    )
  }

  @Test(.enabled(if: geteuid() == 0, "needs to be root"))
  func rootTrustsNoOtherUser() throws {
    let state = try open()
    let (run, file) = try state.makeRun()
    try file.close()
    let words =
      "belongs to user 65534, who could change what root relies on; make root its owner, or give "
      + "another folder with --state DIR"
    let lockstep = vm.at("data/lockstep")
    for path in [lockstep, "\(lockstep)/runs"] {
      chown(path, 65534, 0)
      #expect(refusal { _ = try open() } == "\(path): \(words)")
      chown(path, 0, 0)
      for (mode, group, who) in [(0o777, 0, "everyone"), (0o770, 1234, "group 1234")] {
        chown(path, 0, gid_t(group))
        chmod(path, mode_t(mode))
        #expect(
          refusal { _ = try open() }?.hasPrefix(
            "\(path): can be written by \(who), who could change what root relies on; chmod go-w it"
          ) == true
        )
        chmod(path, 0o755)
        chown(path, 0, 0)
      }
    }
    for path in [run.path, run.stepsPath] {
      chown(path, 65534, 0)
      #expect(refusal { _ = try state.open(run.id) } == "\(path): \(words)")
      chown(path, 0, 0)
    }
    chown(run.journalPath, 65534, 0)
    #expect(refusal { _ = try run.readJournal().count } == "\(run.journalPath): \(words)")
  }

  @Test(.enabled(if: geteuid() == 0, "needs to be root"))
  func othersMayNotWrite() async {
    await #expect(processExitsWith: .success) {
      let vm = TemporaryVM()
      func what(_ place: RunStore.Place) -> String? {
        do {
          _ = try RunStore(place, makes: true)
          return nil
        } catch {
          return error.description
        }
      }
      let opened = try vm.open()
      seteuid(65534)
      let words = [
        what(.beneath(opened)), what(.at(vm.at("a/b"))), what(.at("/proc/1/task/a")),
      ]
      seteuid(0)
      let refusal =
        "is not accessible to this user, but runs are recorded there; run as root, or give "
        + "another folder with --state DIR"
      precondition(words[0] == "\(vm.path)/data: \(refusal)", words[0] ?? "")
      precondition(words[1] == "\(vm.path)/a: \(refusal)", words[1] ?? "")
      precondition(words[2]?.contains("/proc/1/task/a: ") == true, words[2] ?? "")
    }
  }

  @Test func runsAreListedNewestFirst() throws {
    let state = try runs(
      "20261121T075512Z-3fa9",
      "20261120T075512Z-ffff",
      "20261121T075512Z-3faa",
      "20251231T235959Z-0000",
      "something"
    )
    // A run without a journal has not begun.
    vm.makeFolder("data/lockstep/runs/20271121T075512Z-3fa9")
    #expect(
      try state.runIDs().map(\.text) == [
        "20261121T075512Z-3faa", "20261121T075512Z-3fa9", "20261120T075512Z-ffff",
        "20251231T235959Z-0000",
      ]
    )
    // Even a wrong clock does not give a new run an older ID.
    let (run, file) = try state.makeRun()
    try file.close()
    #expect(run.id.text.hasPrefix("20271121T075512Z-"))
    #expect(try state.runIDs().first == run.id)
  }

  @Test func aRunIsFoundByAPrefixOfItsID() throws {
    let state = try runs(
      "20261121T075512Z-3fa9",
      "20261121T075512Z-4000",
      "20261121T075513Z-0000",
      "20251231T235959Z-0000"
    )
    for name in try namesInFolder(vm.at("data/lockstep/runs")) {
      vm.makeFolder("data/lockstep/runs/\(name)/steps")
    }
    #expect(try state.run("2025").id.text == "20251231T235959Z-0000")
    #expect(try state.run("20261121T075512Z-4").id.text == "20261121T075512Z-4000")
    #expect(try state.run("20261121T075513Z-0000").id.text == "20261121T075513Z-0000")
    let path = vm.at("data/lockstep/runs")
    #expect(
      refusal { _ = try state.run("20261121T075512") }
        == "\(path): '20261121T075512' begins the IDs of 2 runs; give more characters: "
        + "20261121T075512Z-4000, 20261121T075512Z-3fa9"
    )
    for name in ["", "3", "../x\u{1B}", "20261121T075513Z-0000/"] {
      #expect(
        refusal { _ = try state.run(name) }
          == "\(path): there is no run \(quoted(name)); there are: 20261121T075513Z-0000, "
          + "20261121T075512Z-4000, 20261121T075512Z-3fa9 and 1 older"
      )
    }
  }

  @Test func manyAtOnceHaveDifferentIDs() async throws {
    let path = vm.at("state")
    let ids = try await withThrowingTaskGroup(of: [RunID].self) { group in
      for _ in 0..<4 {
        group.addTask {
          let state = try RunStore(.at(path), makes: true)
          return try (0..<10).map { _ in
            let (run, file) = try state.makeRun()
            try file.close()
            return run.id
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(ids).count == 40)
    #expect(try RunStore(.at(path), makes: false).runIDs() == ids.sorted(by: >))
  }
}
