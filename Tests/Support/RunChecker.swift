package import Analysis
import Clock
package import Execution
import PlanGraph

/// Judges the trace of a run by the rules, across all interruptions.
///
/// It uses what was recorded and decided, and what really happened in the world.
package struct RunChecker {
  private let rules: RunRules
  private let policy: RunPolicy
  private var reading: RunReading

  /// The existing records, as they would be read after an interruption.
  private var records: [(event: Event, decided: [Action])] = []
  private var durable: UInt32 = 0
  private var hasDiskFailed = false
  private var isOver = false
  private var now = Instant(nanoseconds: 0)

  /// By node: the attempt that is really running; 0 for none.
  private var underWay: Table<NodeID, Int>
  /// By node: since when.
  private var begun: Table<NodeID, Instant?>
  /// By node: how the last attempt really ended.
  private var ends: Table<NodeID, (attempt: Int, result: AttemptResult)?>
  /// By node: whether it was ever started, without a later decision that it may start again.
  private var isSpent: Table<NodeID, Bool>
  /// The same, before the last attempt.
  private var wasSpent: Table<NodeID, Bool>

  /// The steps that have really succeeded, and those of them whose results are gone.
  private var done: Set<NodeID> = []
  private var gone: Set<NodeID> = []

  private var ownComplaints: [String] = []

  /// The broken rule, in words.
  package var complaints: [String] { ownComplaints + reading.complaints }

  /// Makes a judge of a run.
  package init(_ rules: RunRules, _ policy: RunPolicy) {
    self.rules = rules
    self.policy = policy
    reading = RunReading(rules, policy)
    underWay = Table(repeating: 0, count: rules.graph.count)
    begun = Table(repeating: nil, count: rules.graph.count)
    ends = Table(repeating: nil, count: rules.graph.count)
    isSpent = Table(repeating: false, count: rules.graph.count)
    wasSpent = isSpent
  }

  /// Judges a whole trace, up to the end of the run.
  package mutating func judge(_ trace: [Simulator.Entry]) {
    for entry in trace { take(entry) }
    if !isOver { complain("it does not end") }
  }

  private mutating func complain(_ words: String) {
    if ownComplaints.count < 5 { ownComplaints.append("\(words) [record \(reading.count)]") }
  }

  private func name(_ node: NodeID) -> String { reading.name(node) }

  private mutating func take(_ entry: Simulator.Entry) {
    if entry.moment > now, !isOver { judgeWaiting() }
    now = entry.moment
    switch entry.occurrence {
    case .event(let event, let decided):
      if isOver, !event.isResumption, !isAssumption(event) { complain("\(event) after the end") }
      isOver = false
      if case .ended(let node, let attempt, let result) = event {
        judgeEvidence(node, attempt, result)
        if case .refused = result { isSpent[node] = wasSpent[node] }
      }
      if event.isResumption, reading.isFinished {
        // What runs each time the run ends may run at its next end.
        for node in rules.nodes where rules.steps[node]?.isInHandlerOfPlan ?? false {
          isSpent[node] = false
        }
      }
      if case .assumed(let node, .again) = event { isSpent[node] = false }
      reading.take(event, decided)
      if !hasDiskFailed { records.append((event, decided)) }
    case .performed(.start(let node, let attempt, _)):
      started(node, attempt, at: entry.moment)
    case .performed(.finish(let outcome)):
      isOver = true
      if !hasDiskFailed, durable < reading.count, reading.cancellations < 2 {
        complain("it ends before that is on disk")
      }
      if underWay.contains(where: { $0 > 0 }) { complain("it ends while attempts are under way") }
      reading.judgeEnd(outcome)
    case .performed(.leave):
      isOver = true
      if !reading.isFinished, reading.cancellations < 3 {
        complain("it is left although nobody insists")
      }
    case .performed: break
    case .told(let announcement): told(announcement)
    case .reachedDisk(let count): durable = max(durable, count)
    case .diskFailed: hasDiskFailed = true
    case .over(let node, let attempt, let result):
      over(node, attempt, result, at: entry.moment)
    case .interrupted(let kept, let lapse):
      interrupted(Int(kept))
      gone.formUnion(done.filter { isUndone($0, by: lapse) })
    }
  }

  private func isAssumption(_ event: Event) -> Bool {
    if case .assumed = event { true } else { false }
  }

  /// Judges, before time passes, whether everything possible has been done.
  private mutating func judgeWaiting() {
    reading.judgeWaiting()
    if hasDiskFailed { return }
    for node in rules.nodes where reading.status[node] == .underWay && underWay[node] == 0 {
      // What its start waits for was recorded before the decision.
      if reading.since[node] <= durable { complain("\(name(node)) is not started when it may be") }
    }
  }

  // MARK: The world

  private mutating func started(_ node: NodeID, _ attempt: Int, at moment: Instant) {
    guard let step = rules.steps[node] else { return complain("node \(node.index) is no step") }
    if underWay[node] > 0 { complain("\(step.name) runs twice at once") }
    if reading.status[node] != .underWay || reading.attempts[node] != attempt {
      complain("\(step.name) starts although nobody wants it any more")
    }
    if !step.template.isIdempotent {
      if isSpent[node] {
        complain("\(step.name) is started a second time, and nobody said that it may be")
      }
      if reading.since[node] > durable { complain("\(step.name) starts before that is on disk") }
      wasSpent[node] = isSpent[node]
      isSpent[node] = true
    }
    for earlier in step.before where reading.status[earlier.step] == .passed {
      if reading.since[earlier.step] > durable {
        complain("\(step.name) starts before the end of \(name(earlier.step)) is on disk")
      }
    }
    judgeGround(step)
    underWay[node] = attempt
    begun[node] = moment
    judgeLimits(step)
  }

  /// Limits are about what is really running.
  private mutating func judgeLimits(_ step: RunRules.Step) {
    let count = rules.nodes.count { underWay[$0] > 0 }
    if count > policy.parallel { complain("\(count) really under way at once") }
    for limit in step.template.limits {
      let inside = rules.limitSteps[limit].count { underWay[$0] > 0 }
      if inside > rules.graph.limits[limit] {
        complain("\(inside) steps really in a limit at \(step.name)")
      }
    }
  }

  /// Nothing that relies on a step runs while that step's results are gone.
  private mutating func judgeGround(_ step: RunRules.Step) {
    // A handler copes with any state.
    if step.handler != nil || gone.isEmpty { return }
    for earlier in step.before where gone.contains(earlier.step) {
      guard let before = rules.steps[earlier.step], before.isNeeded, !before.template.isOptional,
        before.template.condition == nil, !isUndoneOnPurpose(earlier.step)
      else { continue }
      complain("\(step.name) goes on although what \(before.name) brought about is gone")
    }
  }

  private func isUndone(_ node: NodeID, by lapse: Lapse) -> Bool {
    guard let step = rules.steps[node]?.template else { return false }
    // What a command requested may have been there for what has begun since.
    if lapse == .time, case .wait(.command) = step.action { return false }
    return reading.mayBeUndone(step, lapse)
  }

  /// Whether a later step with some of the same processes was begun that reverses the step before
  /// it: starts what that had stopped, or stops what it had started.
  private func isUndoneOnPurpose(_ node: NodeID) -> Bool {
    let movers = rules.nodes.filter { reading.attempts[$0] > 0 && rules.bringsUp($0) != nil }
    return rules.leaves(of: node).contains { leaf in
      let ofLeaf = movers.filter { rules.leaves(of: $0).contains(leaf) }
      return zip(ofLeaf, ofLeaf.dropFirst()).contains { earlier, turn in
        turn > node && rules.bringsUp(earlier) != rules.bringsUp(turn)
      }
    }
  }

  private mutating func over(
    _ node: NodeID,
    _ attempt: Int,
    _ result: AttemptResult,
    at moment: Instant
  ) {
    underWay[node] = 0
    ends[node] = (attempt, result)
    if result == .exited(0) {
      done.insert(node)
      gone.remove(node)
    }
    if let begun = begun[node], let step = rules.steps[node], let timeout = step.template.timeout,
      moment > begun + timeout + step.template.grace
    {
      complain("\(step.name) ends long after its time was over")
    }
  }

  /// What is recorded about an attempt's end must be true.
  private mutating func judgeEvidence(_ node: NodeID, _ attempt: Int, _ result: AttemptResult) {
    if underWay[node] > 0 { complain("\(name(node)) is taken for ended while it is under way") }
    let end = ends[node].flatMap { $0.attempt == attempt ? $0.result : nil }
    switch result {
    case .lost: break
    case .notStarted: if end != nil { complain("\(name(node)) is said not to have started") }
    case .exited, .signalled, .failed, .refused:
      if end != result { complain("\(name(node)) is said to have ended as it did not") }
    }
  }

  // MARK: People

  private mutating func told(_ announcement: Announcement) {
    guard let index = reading.nextUntold else {
      return complain("people are told what was not decided")
    }
    let next = reading.untold[index]
    if next.announcement != announcement { complain("people are told something else") }
    var isAnswer = false
    if case .stopping = next.announcement { isAnswer = true }
    if next.record > durable, !hasDiskFailed, !isAnswer {
      complain("people are told of what is not on disk")
    }
    reading.tell()
  }

  // MARK: Interruptions

  private mutating func interrupted(_ kept: Int) {
    if kept < Int(reading.count) {
      records.removeSubrange(kept...)
      let complaints = reading.complaints
      reading = RunReading(rules, policy)
      for record in records { reading.take(record.event, record.decided) }
      reading.adopt(complaints)
    }
    reading.forgetUntold()
    hasDiskFailed = false
    isOver = true
    durable = UInt32(records.count)
    // An orphan's timeout starts over when it is found.
    for node in begun.indices {
      begun[node] = nil
      // The number will be used again.
      if let end = ends[node], end.attempt > reading.attempts[node] { ends[node] = nil }
    }
  }
}
