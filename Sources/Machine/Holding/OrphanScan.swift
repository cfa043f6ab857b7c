import CLinux
import Glibc
import PlanGraph
import System

/// Searches all processes once for what many unrecorded starts may have left.
///
/// A process is recognised as by `OrphanSearch`.
struct OrphanScan {
  private var scripts: [ArraySlice<UInt8>: NodeID] = [:]
  private var commands: [ArraySlice<UInt8>: NodeID] = [:]
  private var logs: [FileIdentity: NodeID] = [:]

  /// The most that is read of a process's arguments, in bytes.
  private static let limit = 1 << 18

  /// Adds a step to look for.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - search: how to recognise its process.
  ///   - byLogs: whether a process that only writes to its logs may be the step's; otherwise it may
  ///     be a daemon that an earlier attempt left behind.
  mutating func add(_ node: NodeID, _ search: OrphanSearch, byLogs: Bool) {
    switch search.program {
    case .script(let path): scripts[path.utf8.map { $0 }[...]] = node
    case .command(let vector):
      commands[vector.flatMap { $0.utf8.map { $0 } + [0] }[...]] = node
    }
    if !byLogs { return }
    for log in search.logs {
      guard let status = FileStatus(log, follow: true) else { continue }
      logs[status.identity] = node
    }
  }

  /// Searches all processes.
  ///
  /// - Parameters:
  ///   - start: the earliest start that they can come from.
  ///   - known: processes that have been accounted for.
  /// - Returns: the processes of the steps, if there are any.
  func find(_ start: RecordedStart, known: Set<Int32>) -> [NodeID: Int32] {
    guard isThisBoot(start.boot) else { return [:] }
    var found: [NodeID: Int32] = [:]
    for process in OrphanSearch.processes(start) where !known.contains(process.process) {
      if let node = node(of: process.process), found[node] == nil { found[node] = process.process }
    }
    return found
  }

  private func node(of process: pid_t) -> NodeID? {
    let bytes = (try? firstBytes(of: "/proc/\(process)/cmdline", limit: Self.limit)) ?? []
    if let node = commands[bytes[...]] { return node }
    let first = bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
    for argument in first {
      if let node = scripts[argument] { return node }
    }
    for number in ["1", "2"] {
      guard let file = FileStatus("/proc/\(process)/fd/\(number)", follow: true) else { continue }
      if let node = logs[file.identity] { return node }
    }
    return nil
  }
}
