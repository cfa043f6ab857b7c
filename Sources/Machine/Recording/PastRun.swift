import Clock
import Execution
import Journal
import PlanGraph
import System

/// What is known of a run whose leftovers are searched for.
struct PastRun {
  /// An attempt whose end was not recorded.
  struct Open {
    /// The start of its process; nil if none was recorded.
    var start: RecordedStart?
    /// Whether that was in this boot.
    var isThisBoot: Bool
  }

  private(set) var open: [NodeID: Open] = [:]
  private(set) var names: [NodeID: String] = [:]
  /// The processes that drove it in this boot.
  private(set) var coordinators: Set<Int32> = []
  /// The last of them started nothing before this moment; nil if that was in another boot.
  private(set) var began: Instant?
  /// The steps with an attempt whose end was recorded.
  private var ended: Set<NodeID> = []
  /// When the last ends of this boot were recorded.
  private var ends: [NodeID: Instant] = [:]
  /// All processes that were recorded.
  private var processes: Set<Int32> = []
  private let isDoubtfulIfLost: (NodeID, Int) -> Bool

  /// Takes what a journal says.
  ///
  /// - Parameters:
  ///   - unfinished: what the journal leaves open; nil if that cannot be read.
  ///   - contents: the journal.
  init(_ unfinished: UnfinishedRun?, _ contents: JournalContents?) {
    let sessions = contents?.sessions ?? []
    let isThisBoot = sessions.map { System.isThisBoot($0.boot) }
    isDoubtfulIfLost = { node, number in
      unfinished?.isDoubtful(node, attempt: number, .lost) ?? true
    }
    coordinators = Set(zip(sessions, isThisBoot).filter { $1 }.map(\.0.process))
    let steps = contents.map { $0.header.steps.map { ($0.node, $0.name) } } ?? []
    names = Dictionary(steps) { first, _ in first }
    guard let unfinished else { return }
    if let last = unfinished.lastSession, isThisBoot[last.number] { began = last.began }
    processes = unfinished.processes
    ended = Set(unfinished.ended.keys)
    for node in ended {
      ends[node] = unfinished.lastEnd(of: node) { isThisBoot[$0] }
    }
    for (node, attempt) in unfinished.open {
      let start = attempt.process.flatMap { process in
        unfinished.begins[attempt.session].map { began in
          RecordedStart(
            boot: sessions[attempt.session].boot,
            asked: began,
            process: RecordedStart.Process(process, recorded: attempt.recorded)
          )
        }
      }
      open[node] = Open(start: start, isThisBoot: isThisBoot[attempt.session])
    }
  }

  /// Takes what the record of a run says that is coordinated from elsewhere.
  ///
  /// - Parameter history: nil if the record cannot be read.
  init(_ history: FarHistory?) {
    isDoubtfulIfLost = { node, number in
      switch history?[FarHistory.Identity(node, number)]?.end?.result {
      case nil, .lost: true
      default: false
      }
    }
    guard let history else { return }
    let isThisBoot = history.sessions.map { System.isThisBoot($0.boot) }
    coordinators = Set(zip(history.sessions, isThisBoot).filter { $1 }.map(\.0.process))
    if let last = history.sessions.last, isThisBoot.last == true { began = last.began }
    for (identity, attempt) in history.attempts {
      let node = identity.node
      names[node] = attempt.name
      if let process = attempt.process { processes.insert(process.identifier) }
      if let end = attempt.end {
        ended.insert(node)
        if isThisBoot[attempt.session] { ends[node] = max(ends[node] ?? end.moment, end.moment) }
      }
      if attempt.end == nil, history.last[node] == identity.attempt {
        open[node] = Open(
          start: attempt.process == nil ? nil : history.start(of: attempt),
          isThisBoot: isThisBoot[attempt.session]
        )
      }
    }
  }

  /// The name of the step whose holder keeps a record.
  func name(of record: HeldCommandRecord) -> String {
    let number = record.name.split(separator: "-").first.flatMap { UInt32($0) }
    return number.flatMap { names[NodeID($0)] } ?? "a step"
  }

  /// Whether only a person can tell what became of an attempt that a holder has recorded, and of
  /// which it says that it is lost.
  func isDoubtful(_ node: NodeID, _ number: Int) -> Bool { isDoubtfulIfLost(node, number) }

  func steps(writingTo found: StepProcess) -> [String] {
    names.filter { found.isLog(ofStepNamed: $0.value) }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A step without a process of its own that was under way on a release job or its instance.
  ///
  /// - Parameters:
  ///   - releaseJob: the release job.
  ///   - held: steps with a holder, which are none of these.
  /// - Returns: its name; nil if there is none.
  func step(of releaseJob: String, but held: Set<NodeID>) -> String? {
    let underWay = open.filter { $0.value.start == nil && !held.contains($0.key) }
    return underWay.compactMap { names[$0.key] }.sorted().first { name in
      guard let colon = name.firstIndex(of: ":") else { return false }
      let subject = name[colon...].prefix { $0 != "#" }.split(separator: "/")
      return subject.count < 3 || subject[2] == releaseJob
    }
  }

  /// Whether this process is known to belong to none of the steps that write to its log.
  ///
  /// Such a step has an open attempt with another process, or its last attempt was seen to end
  /// and the process is not younger than that. A process's start is known only to a tick. If it
  /// began in the tick of that end, its cgroup decides: what was left behind was moved out of it.
  func isLeftBehind(_ found: StepProcess, isInGroup: Bool) -> Bool {
    let nodes = names.filter { found.isLog(ofStepNamed: $0.value) }.keys
    return !nodes.isEmpty
      && nodes.allSatisfy { node in
        if let attempt = open[node] { return attempt.start != nil && attempt.isThisBoot }
        let start = isInGroup ? found.stat.start + ProcessStat.tick : found.stat.start
        return ends[node].map { start <= $0 } ?? false
      }
  }

  /// Whether a process may be an attempt whose start was not recorded.
  ///
  /// If the step has a recorded process, this one was left behind by it. The same holds if an
  /// attempt of the step has ended, unless the process is in a cgroup of the run: what was left
  /// behind was moved out of that.
  func mayBeUnrecorded(_ found: StepProcess, isInGroup: Bool) -> Bool {
    if processes.contains(found.stat.process) { return false }
    for (node, name) in names where found.isLog(ofStepNamed: name) {
      if open[node]?.start != nil { continue }
      if isInGroup || !ended.contains(node) { return true }
    }
    return false
  }
}
