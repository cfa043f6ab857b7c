import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
@testable import System

/// The built command, which is the holder too: beside the test bundle, which the running test
/// executable is.
let holderProgram: String = {
  let tests = readLink("/proc/self/exe") ?? ""
  return tests.prefix(upTo: tests.lastIndex(of: "/") ?? tests.startIndex) + "/lockstep"
}()

/// Waits until something is true; false after a minute, which only a fault can take.
func eventually(_ isSo: () -> Bool) -> Bool {
  let latest = Instant.now + .seconds(60)
  while !isSo() {
    if Instant.now > latest { return false }
    usleep(1000)
  }
  return true
}

/// Whether a process is there and no zombie.
func isAlive(_ process: pid_t) -> Bool { ProcessStat(process).map { !$0.isDead } ?? false }

/// A folder of records, and holders started in it by hand.
final class HolderRig {
  let vm = TemporaryVM()
  private let spawner: Spawner

  init() throws {
    // By then it has executed its program.
    spawner = try Spawner(usesSlots: false)
    vm.makeFolder("held")
  }

  func record(_ name: String) -> HeldCommandRecord {
    HeldCommandRecord(folder: vm.at("held"), name: name)
  }

  func state(_ name: String) -> HeldCommandState { record(name).read() }

  /// The process ids that a file of the root lists.
  func processes(_ file: String) -> [pid_t] { vm.lines(file).compactMap { pid_t($0) } }

  /// The arguments of a holder of `sh -c BODY`.
  func arguments(
    _ name: String,
    _ body: String,
    timeout: Duration? = nil,
    grace: Duration = .zero
  ) -> [String] {
    let hold = HolderStart(
      program: holderProgram,
      record: record(name),
      timeout: timeout,
      grace: grace
    )
    return hold.arguments(nice: 5, path: "/bin/sh", ["sh", "-c", body])
  }

  /// Starts a process in the VM's folder: our child, with logs `out` and `err`.
  func start(_ program: String, _ arguments: [String]) throws -> pid_t {
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
    let out = try Descriptor(lockstep_openat(AT_FDCWD, vm.at("out"), flags, 0o644), "out")
    let err = try Descriptor(lockstep_openat(AT_FDCWD, vm.at("err"), flags, 0o644), "err")
    let environment = CStrings(["_PATH=/usr/bin:/bin", "PATH=/usr/bin:/bin"])
    let folder = try Descriptor.folder(vm.path)
    return try spawner.spawn(
      ProgramStart(
        path: program,
        arguments: CStrings(arguments),
        environment: environment,
        folder: folder.number,
        stdout: out.number,
        stderr: err.number,
        isLowered: false,
        group: nil
      )
    ).process
  }

  /// Starts a holder of `sh -c BODY`.
  func hold(
    _ name: String,
    _ body: String,
    timeout: Duration? = nil,
    grace: Duration = .zero
  ) throws -> pid_t {
    try start(holderProgram, arguments(name, body, timeout: timeout, grace: grace))
  }

  /// Waits for the end of a child.
  func wait(_ process: pid_t) -> AttemptResult {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
  }
}
