import CLinux
import Glibc
import System

/// How to recognise the process of a step that was not recorded because its coordinator was killed
/// at that moment.
///
/// It leads a session without a terminal, is not older than the request to start it, and is
/// recognised by its arguments, or because its output goes to the step's logs.
struct OrphanSearch {
  /// What was executed.
  enum Program {
    /// A script, by its absolute path. `#!` is followed by an interpreter and at most one argument,
    /// so the path is among the first three (execve(2)).
    case script(String)
    /// A command, by its whole argument vector.
    case command([String])
  }

  var program: Program
  /// The absolute paths of its two log files.
  var logs: [String]

  /// Searches all processes.
  ///
  /// - Parameter start: the start that it must come from; a process recorded there does not matter.
  /// - Returns: the process; the oldest if several match. One that matches by its arguments is
  ///   preferred to one that only writes to the logs, which may be a daemon.
  func find(_ start: RecordedStart) -> ProcessIdentity? {
    guard isThisBoot(start.boot) else { return nil }
    var candidates = candidates(start)
    // During execve(2), which takes hardly any time, a process has no arguments.
    for _ in 0..<20 where candidates.contains(where: { $0.arguments.isEmpty }) {
      usleep(1000)
      candidates = self.candidates(start)
    }
    let files = logs.compactMap { FileStatus($0, follow: true)?.identity }
    let found =
      candidates.first { isProgram($0.arguments) }
      ?? candidates.first { writes($0.identity.process, to: files) }
    return found?.identity
  }

  private struct Candidate {
    var identity: ProcessIdentity
    var arguments: [ArraySlice<UInt8>]
  }

  /// All that may come from a start, the oldest first.
  private func candidates(_ start: RecordedStart) -> [Candidate] {
    Self.processes(start).map {
      Candidate(
        identity: ProcessIdentity(process: $0.process, startTime: $0.startTime),
        arguments: arguments(of: $0.process)
      )
    }
  }

  /// The processes that lead a session without a terminal and are not older than a start, the
  /// oldest first.
  static func processes(_ start: RecordedStart) -> [ProcessStat] {
    ProcessStat.all()
      .filter {
        $0.process == $0.session && $0.terminal == 0 && !$0.isDead && $0.process != getpid()
          && start.isPossible($0)
      }
      .sorted { ($0.startTime, $0.process) < ($1.startTime, $1.process) }
  }

  private func isProgram(_ arguments: [ArraySlice<UInt8>]) -> Bool {
    switch program {
    case .script(let path): arguments.prefix(3).contains { $0.elementsEqual(path.utf8) }
    case .command(let vector):
      arguments.elementsEqual(vector) { $0.elementsEqual($1.utf8) }
    }
  }

  /// As much of the arguments as is needed to recognise the program.
  private func arguments(of process: pid_t) -> [ArraySlice<UInt8>] {
    let limit =
      switch program {
      case .script(let path): path.utf8.count + 1024
      case .command(let vector): vector.reduce(1) { $0 + $1.utf8.count + 1 }
      }
    let bytes = (try? firstBytes(of: "/proc/\(process)/cmdline", limit: limit)) ?? []
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    // Each ends with a NUL, so the last part is empty or was cut off.
    return parts.last?.isEmpty == true ? parts.dropLast() : parts
  }

  private func writes(_ process: pid_t, to files: [FileIdentity]) -> Bool {
    ["1", "2"].contains { number in
      guard let output = FileStatus("/proc/\(process)/fd/\(number)", follow: true) else {
        return false
      }
      return files.contains(output.identity)
    }
  }
}
