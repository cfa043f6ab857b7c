import CLinux
import Execution
import Glibc

/// How the process of a step is known whose number nobody came to record, because its coordinator was
/// killed right then.
///
/// It leads a session without a terminal, is not older than the request to start it, and shows what
/// it is: by its arguments, or because its output goes to the step's logs.
struct OrphanSearch {
  /// What was executed.
  enum Program {
    /// A script, by its absolute path. Behind `#!` stand an interpreter and at most one argument, so
    /// the path is among the first three (execve(2)).
    case script(String)
    /// A command, by its whole argument vector.
    case command([String])
  }

  var program: Program
  /// The absolute paths of its two log files.
  var logs: [String]

  /// Looks through all processes.
  ///
  /// - Parameter start: which start it is to have come of; whether that has a process does not matter.
  /// - Returns: the process; the oldest where several answer to it. One whose arguments do goes before
  ///   those that only write to the logs, as a daemon does that it left behind.
  func find(_ start: RecordedStart) -> ProcessIdentity? {
    guard start.boot == bootIdentifier() else { return nil }
    let candidates = ProcessStat.all()
      .filter {
        $0.process == $0.session && $0.terminal == 0 && !$0.isDead && $0.process != getpid()
          && start.isPossible($0)
      }
      .sorted { ($0.startTime, $0.process) < ($1.startTime, $1.process) }
    let files = logs.compactMap { fileStatus($0, follow: true) }
    let found =
      candidates.first { hasItsArguments($0.process) }
      ?? candidates.first { writes($0.process, to: files) }
    return found.map { ProcessIdentity(process: $0.process, startTime: $0.startTime) }
  }

  private func hasItsArguments(_ process: pid_t) -> Bool {
    switch program {
    case .script(let path):
      return arguments(of: process, limit: path.utf8.count + 1024).prefix(3)
        .contains { $0.elementsEqual(path.utf8) }
    case .command(let vector):
      let length = vector.reduce(0) { $0 + $1.utf8.count + 1 }
      return arguments(of: process, limit: length + 1).elementsEqual(vector) {
        $0.elementsEqual($1.utf8)
      }
    }
  }

  /// The arguments that end within the first `limit` bytes.
  private func arguments(of process: pid_t, limit: Int) -> [ArraySlice<UInt8>] {
    let bytes = (try? firstBytes(of: "/proc/\(process)/cmdline", limit: limit)) ?? []
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    // Each ends with a NUL, so behind the last one stands the rest: nothing, or what was cut.
    return parts.last?.isEmpty == true ? parts.dropLast() : parts
  }

  private func writes(_ process: pid_t, to files: [stat]) -> Bool {
    ["1", "2"].contains { number in
      guard let output = fileStatus("/proc/\(process)/fd/\(number)", follow: true) else {
        return false
      }
      return files.contains { $0.st_dev == output.st_dev && $0.st_ino == output.st_ino }
    }
  }
}
