import CLinux
import Glibc
@testable import System
import Testing

/// A process of our own, killed and reaped at the end.
final class Sleeper {
  let process: pid_t

  /// - Parameters:
  ///   - environment: all of it.
  ///   - program: a sleep(1).
  ///   - stdout: the path of its standard output; nil for none.
  /// - Throws: an error if it cannot be started.
  init(_ environment: [String], program: String = "/bin/sleep", stdout: String? = nil) throws {
    let spawner = try Spawner(usesSlots: false)
    let folder = try Descriptor.folder("/")
    let output = try stdout.map { path throws(SystemError) in
      try OpenFile(path)
    }
    process = try spawner.spawn(
      ProgramStart(
        path: program,
        arguments: CStrings([program, "1000"]),
        environment: CStrings(environment),
        folder: folder.number,
        stdout: output?.file.number ?? spawner.nullNumber,
        stderr: spawner.nullNumber,
        isLowered: false,
        group: nil
      )
    ).process
    // It has separated from this process before the kernel has set its arguments and environment.
    let file = "/proc/\(process)/\(environment.isEmpty ? "cmdline" : "environ")"
    try #require(eventually { (try? firstBytes(of: file, limit: 1))?.isEmpty == false })
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }
}

/// A file that is open for writing.
private final class OpenFile {
  let file: Descriptor

  init(_ path: String) throws(SystemError) {
    file = try Descriptor(lockstep_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0), "open \(path)")
  }
}
