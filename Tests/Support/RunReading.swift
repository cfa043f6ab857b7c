import Execution
import PlanGraph

/// The state of a run according to its records and its decisions about each, and which rules they
/// break.
///
/// It knows the plan's rules, and about the run only what the run says.
struct RunReading {
  /// Whether a block has passed, as far as is visible.
  enum Passed: Sendable { case yes, no, perhaps }

  enum Status: Sendable { case untouched, underWay, pausing, passed, failed, cancelled }

  let rules: RunRules
  let policy: RunPolicy
  /// How many records there were.
  var count: UInt32 = 0
  /// By node.
  var status: Table<NodeID, Status>
  /// By node: the number of the last attempt.
  var attempts: Table<NodeID, Int>
  /// By node: the record by which it passed, or by which its current attempt was decided.
  var since: Table<NodeID, UInt32>
  /// What must be announced next, and the record that causes it.
  var untold: [(record: UInt32, announcement: Announcement)] = []
  var complaints: [String] = []

  /// By node: attempts in this round, and in this attempt of the block around it, that count.
  var counted: Table<NodeID, Int>
  /// By node: attempts in earlier ends of the run, for steps that run each time it ends.
  var attemptsOfEnds: Table<NodeID, Int>
  /// Steps started since the run began or was resumed, and since the block around them began.
  var startedInRound: Set<NodeID> = []
  /// Steps that were started before, have passed, and may or may not be started again.
  var mayRestart: Set<NodeID> = []
  /// Steps that have not passed, in blocks that may have passed in spite of a failure.
  ///
  /// They need not run.
  var mayRest: Set<NodeID> = []
  /// Steps that a person declared done.
  ///
  /// They pass when their turn comes.
  var presumed: Set<NodeID> = []
  /// Whether the run, or its resumed part, started anything.
  var isRoundBegun = true
  /// By block: whether what has passed in it runs again on resume.
  var isRestarted: Table<BlockID, Passed>
  /// Steps of an interrupted run that must be over before anything else begins.
  var awaited: Set<NodeID> = []
  /// A person's decisions about steps, until the run is resumed.
  var assumptions: [NodeID: Assumption] = [:]
  /// By block, in its current attempt.
  var isStarted: Table<BlockID, Bool>
  var isEntered: Table<BlockID, Bool>
  var isTimedOut: Table<BlockID, Bool>
  /// By block: whether it waits for another attempt.
  var isPausing: Table<BlockID, Bool>
  /// By block: further attempts in this round and this attempt of the block around it.
  var retries: Table<BlockID, Int>
  /// How often the run was asked to end since it began or was resumed.
  var cancellations = 0
  var isHalted = false
  /// What may have undone earlier results before the run was resumed.
  var lapse = Lapse.nothing
  /// Whether there is nothing left to do.
  var isFinished = false
  /// Whether a failure has ended the run.
  var isStopped = false
  /// Whether anything has failed for good.
  var hasFailure = false

  init(_ rules: RunRules, _ policy: RunPolicy) {
    self.rules = rules
    self.policy = policy
    let nodes = rules.graph.count
    let blocks = rules.blocks.count
    status = Table(repeating: .untouched, count: nodes)
    attempts = Table(repeating: 0, count: nodes)
    since = Table(repeating: 0, count: nodes)
    counted = attempts
    attemptsOfEnds = attempts
    isStarted = Table(repeating: false, count: blocks)
    isEntered = isStarted
    isTimedOut = isStarted
    isPausing = isStarted
    isRestarted = Table(repeating: .no, count: blocks)
    retries = Table(repeating: 0, count: blocks)
  }

  mutating func complain(_ words: String) {
    if complaints.count < 5 { complaints.append("\(words) [record \(count)]") }
  }

  func name(_ node: NodeID) -> String { rules.steps[node]?.name ?? "node \(node.index)" }

  /// Takes over the complaints from before an interruption.
  mutating func adopt(_ earlier: [String]) { complaints = earlier }

  /// The position of the next announcement in the queue: a signal, if there is one.
  var nextUntold: Int? {
    let answer = untold.firstIndex { if case .stopping = $0.announcement { true } else { false } }
    return answer ?? (untold.isEmpty ? nil : 0)
  }

  /// It was announced.
  mutating func tell() { if let nextUntold { untold.remove(at: nextUntold) } }

  /// Drops what has not been announced yet.
  mutating func forgetUntold() { untold = [] }

  // MARK: Records

  /// Processes a record and what was decided about it.
  mutating func take(_ event: Event, _ decided: [Action]) {
    count += 1
    switch event {
    case .ended(let node, let attempt, _): ended(node, attempt, decided)
    case .cancelled: if !isFinished { cancellations += 1 }
    case .assumed(let node, let assumption): assumptions[node] = assumption
    case .resumed(let lapse):
      // What no round has renewed must still be renewed.
      self.lapse = isRoundBegun || self.lapse != .reboot ? lapse : .reboot
      resumed()
    case .halted: isHalted = true
    case .fired(.blockBackoff(let block)): beginAgain(block)
    case .began, .started, .answered, .fired: break
    }
    for action in decided {
      switch action {
      case .start(let node, let attempt, _): start(node, attempt)
      case .recover(let node, let attempt):
        if status[node] != .underWay || attempts[node] != attempt {
          complain("\(name(node)) is asked after without being under way")
        }
      case .announce(let announcement):
        untold.append((count, announcement))
        announced(announcement)
      case .finish: isFinished = true
      default: break
      }
    }
  }

  mutating func ended(_ node: NodeID, _ attempt: Int, _ decided: [Action]) {
    if status[node] != .underWay { complain("\(name(node)) ends without having started") }
    if attempts[node] != attempt { complain("\(name(node)) ends a wrong attempt") }
    status[node] = .pausing
    guard awaited.remove(node) != nil else {
      assumptions[node] = nil
      return
    }
    status[node] = .untouched
    let succeeded = Action.announce(.stepSucceeded(node, attempts: attempt))
    if decided.contains(succeeded) {
      pass(node)
      // The blocks around it must be entered again before they pass.
      presumed.insert(node)
    }
    if awaited.isEmpty, cancellations == 0, !isHalted { beginRound() }
  }

  mutating func pass(_ node: NodeID) {
    status[node] = .passed
    since[node] = count
  }

  mutating func announced(_ announcement: Announcement) {
    switch announcement {
    case .stepSucceeded(let node, _), .stepSkipped(let node, _): pass(node)
    case .attemptLost(let node, _):
      counted[node] -= 1
      status[node] = .untouched
    case .stepFailed(let node, _, let failure, let isOptional):
      failed(node, failure, isOptional)
    case .blockRetried(let block, _, _): retried(block)
    case .blockTimedOut(let block):
      isTimedOut[block] = true
      hasFailure = true
    case .handlerEntered(let block): entered(block)
    case .attemptStarted, .attemptAdopted, .attemptFailed, .barrierPassed, .timedOut, .killed,
      .halted, .stopping, .remark:
      break
    }
  }

  mutating func failed(_ node: NodeID, _ failure: StepFailure, _ isOptional: Bool) {
    guard let step = rules.steps[node] else { return }
    if status[node] == .untouched,
      attempts[node] == 0 || step.template.isIdempotent && failure != .cancelled
    {
      complain("\(name(node)) fails without having started")
    }
    if failure == .cancelled {
      status[node] = .cancelled
    } else if step.template.isOptional {
      pass(node)
    } else {
      status[node] = .failed
      hasFailure = true
      if policy.failureMode != .finish, step.isFatal { isStopped = true }
    }
    if isOptional != (step.template.isOptional && failure != .cancelled) {
      complain("\(name(node)) is taken for optional, or not taken for it")
    }
  }
}
