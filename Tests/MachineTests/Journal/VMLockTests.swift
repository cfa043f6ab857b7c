import CLinux
import Glibc
@testable import System
import Testing
@testable import VM

/// One run per root, between real processes.
@Suite struct VMLockTests {
  private let vm = TemporaryVM()

  private func refusal(_ vms: TemporaryVM...) throws -> Problem? {
    let opened = try vms.map { try $0.open() }
    do {
      _ = try VMLock(opened)
      return nil
    } catch {
      return error
    }
  }

  /// Whether the lock can be taken.
  ///
  /// A child that another test has just started holds the lock too, until it becomes another program.
  private func isFree(_ vm: TemporaryVM) -> Bool {
    eventually {
      do { return try refusal(vm) == nil } catch { return false }
    }
  }

  @Test func isLockedAsLongAsTheObjectLives() throws {
    do {
      let lock = try VMLock([vm.open()])
      let problem = try #require(try refusal(vm))
      #expect(problem.path == vm.path)
      #expect(problem.what.hasPrefix("process \(getpid()) ('"))
      #expect(problem.what.hasSuffix(" UTC) is working on it"))
      withExtendedLifetime(lock) {}
    }
    #expect(isFree(vm))
  }

  @Test func nothingIsWritten() throws {
    let before = try #require(FileStatus(vm.path, follow: false))
    let names = try namesInFolder(vm.path)
    let lock = try VMLock([vm.open()])
    let after = try #require(FileStatus(vm.path, follow: false))
    #expect(try namesInFolder(vm.path) == names)
    #expect(before == after)
    withExtendedLifetime(lock) {}
  }

  @Test func severalVMsAreOneLock() throws {
    let others = [TemporaryVM(), TemporaryVM()]
    symlink(others[0].path, vm.at("sys/other"))
    let lock = try VMLock([vm.open(), others[0].open(), VMFolder(vm.at("sys/other"))])
    #expect(try refusal(vm) != nil)
    #expect(try refusal(others[1], others[0]) != nil)
    // A refused lock keeps nothing.
    #expect(isFree(others[1]))
    withExtendedLifetime(lock) {}
  }

  @Test func theLockEndsWithItsProcessAndIsNotInherited() async throws {
    let path = vm.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let vm = try VMFolder(path)
      let lock = try VMLock([vm])
      let null = Glibc.open("/dev/null", O_RDWR)
      let child = try Spawner().spawn(
        ProgramStart(
          path: "/bin/sleep",
          arguments: CStrings(["sleep", "1000"]),
          environment: CStrings([]),
          folder: vm.folder.number,
          stdout: null,
          stderr: null,
          isLowered: false,
          group: nil
        )
      ).process
      mkdir("\(path)/sys/run/\(child)", 0o700)
      withExtendedLifetime(lock) { _ = raise(SIGKILL) }
    }
    let child = try #require(try namesInFolder(vm.at("sys/run")).first.flatMap { pid_t($0) })
    #expect(kill(child, 0) == 0)
    #expect(isFree(vm))
    kill(child, SIGKILL)
  }

  /// Each takes the lock many times; a folder that only one can create shows whether another was
  /// inside.
  @Test func twoProcessesNeverHaveTheLock() async throws {
    let path = vm.path
    async let first: Void = Self.race(path, "first", after: "second")
    async let second: Void = Self.race(path, "second", after: "first")
    _ = await (first, second)
    #expect(try namesInFolder(vm.at("sys/run")) == ["first", "second"])
    // They did compete.
    let refused = ["first", "second"].filter { access(vm.at("sys/run/\($0)/refused"), F_OK) == 0 }
    #expect(refused != [])
  }

  private static func race(_ path: String, _ name: String, after other: String) async {
    await #expect(processExitsWith: .success) {
      [path = path as String, name = name as String, other = other as String] in
      let vm = try VMFolder(path)
      mkdir("\(path)/sys/run/\(name)", 0o700)
      while access("\(path)/sys/run/\(other)", F_OK) != 0 { usleep(1000) }
      var refusals = 0
      for _ in 0..<2000 {
        while true {
          do throws(Problem) {
            let lock = try VMLock([vm])
            precondition(mkdir("\(path)/inside", 0o700) == 0, "the other is inside")
            sched_yield()
            precondition(rmdir("\(path)/inside") == 0)
            withExtendedLifetime(lock) {}
            break
          } catch {
            precondition(error.what.hasSuffix(" is working on it"), error.what)
            refusals += 1
          }
        }
      }
      if refusals > 0 { mkdir("\(path)/sys/run/\(name)/refused", 0o700) }
    }
  }

  @Test func theHolderIsReadFromTheKernelsList() throws {
    let text = """
      1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 0 EOF
      2: FLOCK  ADVISORY  WRITE 708 fd:00:25314 0 EOF
      2: -> FLOCK  ADVISORY  WRITE 709 fd:00:2531452 0 EOF
      3: FLOCK  ADVISORY  WRITE 710 08:00:2531452 0 EOF
      4: FLOCK  ADVISORY  WRITE 0 fd:00:2531452 0 EOF
      5: FLOCK  ADVISORY  READ  711 fd:00:2531452 0 EOF
      """
    let file = FileIdentity(device: 0xFD00, number: 2_531_452)
    #expect(LockHolder.process(holding: file, in: text) == 711)
    #expect(LockHolder.process(holding: FileIdentity(device: 0, number: 1), in: text) == nil)
    #expect(LockHolder.process(holding: file, in: "") == nil)
  }

  @Test func theHolderIsShownSafely() {
    var holder = LockHolder(process: 708, command: "", start: nil)
    #expect(holder.words == "process 708")
    holder.command = "lockstep run \u{1B}[2J"
    holder.start = 1_795_247_712
    #expect(
      holder.words == "process 708 ('lockstep run \\u{1b}[2J', since 2026-11-21 07:55:12 UTC)"
    )
    holder.command = String(repeating: "x", count: 100)
    holder.start = nil
    #expect(holder.words == "process 708 ('\(String(repeating: "x", count: 59))…')")
  }
}
