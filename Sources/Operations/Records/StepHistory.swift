import Execution
import Journal
import Machine
import PlanGraph

/// What happened to each step of a run, as far as it is known without its plan.
///
/// In case of doubt, a step counts as not succeeded.
struct StepHistory {
  /// The steps that succeeded or were assumed to be done.
  private(set) var succeeded: Set<NodeID> = []
  /// The steps that were ever started, in this run or in one that it continues.
  private(set) var started: Set<NodeID> = []
  /// The steps whose attempts are still running: the name and the process.
  private(set) var underWay: [(name: String, process: Int32)] = []

  /// The steps whose last attempt has an unknown result.
  private(set) var cutShort: Set<NodeID> = []

  /// The steps with an attempt whose end was seen.
  var endedOnce: Set<NodeID> { Set(ended.keys) }
  /// All processes that were recorded.
  private(set) var processes: Set<Int32> = []
  /// The boot and the time before which the last coordinator started nothing; nil if it recorded no
  /// event.
  private(set) var lastSession: RecordedStart?

  /// The attempts whose end was not seen.
  private var open: [NodeID: RecordedStart] = [:]
  /// Those that may have been asked to end.
  ///
  /// That is not a success, however they end.
  private var asked: Set<NodeID> = []
  /// The last attempts whose end was seen.
  private var ended: [NodeID: Int] = [:]
  /// The steps whose current attempt is the first that may have had an effect.
  private var fresh: Set<NodeID> = []

  /// Reads the history.
  ///
  /// - Throws: an error if the journal cannot be read.
  init(_ found: FoundRun, _ contents: JournalContents) throws(CommandFailure) {
    let policy = contents.header.policy
    for (node, reason) in policy.passedOver where reason == .succeededBefore {
      succeeded.insert(node)
      started.insert(node)
    }
    let boots = contents.sessions.map(\.boot)
    var history = self
    var last = -1
    do {
      try contents.forEachEvent(nil) { entry, session in
        if session != last {
          last = session
          history.lastSession =
            RecordedStart(boot: boots[session], asked: entry.moment, process: nil)
        }
        history.take(entry, policy)
      }
    } catch {
      throw found.damaged(error)
    }
    self = history
    let names = Dictionary(contents.header.steps.map { ($0.node, $0.name) }) { first, _ in first }
    var processes = open.compactMapValues { $0.isAlive ? $0.process?.identifier : nil }
    cutShort = Set(open.keys)
    takeHeldRecords(found, &processes)
    underWay = processes.sorted { $0.key < $1.key }.map { (names[$0.key] ?? "", $0.value) }
  }

  private mutating func take(_ entry: JournalContents.Entry, _ policy: RunPolicy) {
    switch entry.event {
    case .started(let node, _, let process):
      if let process { processes.insert(process) }
      if started.insert(node).inserted { fresh.insert(node) }
      succeeded.remove(node)
      asked.remove(node)
      // The record is younger than the process. Only its plan could say when the start was
      // requested, but not before its coordinator began.
      open[node] = lastSession
      open[node]?.process = process.map {
        RecordedStart.Process($0, recorded: entry.moment)
      }
    case .ended(let node, let attempt, let result):
      open[node] = nil
      ended[node] = attempt
      let isFresh = fresh.remove(node) != nil
      switch result {
      case .refused, .notStarted: if isFresh { started.remove(node) }
      case .exited, .signalled, .failed, .lost: break
      }
      let wasAsked = asked.remove(node) != nil
      if result == .exited(0), !wasAsked {
        succeeded.insert(node)
      } else {
        succeeded.remove(node)
        if policy.failureMode == .abort { asked.formUnion(open.keys) }
      }
    case .fired(.timeout(let node)): asked.insert(node)
    case .fired(.blockTimeout), .cancelled: asked.formUnion(open.keys)
    case .assumed(let node, .done): succeeded.insert(node)
    default: break
    }
  }

  /// A holder writes its record before the command starts, and outlives us.
  ///
  /// So it also tells what did not reach the journal.
  private mutating func takeHeldRecords(_ found: FoundRun, _ processes: inout [NodeID: Int32]) {
    for (node, attempt) in HeldCommandRecord.lastAttempts(in: found.folder.stepsPath)
    where attempt > ended[node] ?? 0 {
      switch found.heldRecord(of: node, attempt: attempt).read() {
      case .absent, .ended(.notStarted, _): continue
      case .running(let process):
        processes[node] = process
        cutShort.insert(node)
      case .ended(.exited(0), byTimeout: false) where !asked.contains(node):
        succeeded.insert(node)
        cutShort.remove(node)
      case .ended: cutShort.remove(node)
      case .lost: cutShort.insert(node)
      }
      started.insert(node)
    }
  }
}
