import Execution
import PlanGraph

/// Where a run stands by its records and by what it decided about each, and what breaks a rule in
/// that.
///
/// It knows the rules of the plan, and of the run nothing but what it says.
struct RunReading {
  enum Status: Sendable { case untouched, underWay, pausing, passed, failed, cancelled }

  let rules: RunRules
  let policy: RunPolicy
  /// How many records there were.
  private(set) var count: UInt32 = 0
  /// By node.
  private(set) var status: [Status]
  /// By node: the number of the last attempt.
  private(set) var attempts: [Int]
  /// By node: the record by which it passed, or by which its present attempt was decided.
  private(set) var since: [UInt32]
  /// What people are to be told next, and the record that it follows from.
  private(set) var untold: [(record: UInt32, announcement: Announcement)] = []
  private(set) var complaints: [String] = []

  /// By node: attempts in this round, and in this attempt of the block around it, that count.
  private var counted: [Int]
  /// Steps started since the run began or was resumed, and since the block around them began.
  private var startedInRound: Set<Int> = []
  /// Steps that were started before, have passed, and may or may not be started again.
  private var mayRestart: Set<Int> = []
  /// Steps that have not passed, in blocks that may have failed and passed all the same: they may rest.
  private(set) var mayRest: Set<Int> = []
  /// Whether the run, or what was resumed of it, got as far as to start anything.
  private(set) var isRoundBegun = true
  /// By block: whether what has passed in it is to run again once the run goes on.
  private var isRestarted: [Passed]
  /// Steps of an interrupted run that have to be over before anything else begins.
  private var awaited: Set<Int> = []
  /// What a person said of steps, until the run goes on.
  private var assumptions: [Int: Assumption] = [:]
  /// By block, in its present attempt.
  var isStarted: [Bool]
  var isEntered: [Bool]
  var isTimedOut: [Bool]
  /// By block: whether it waits for another attempt.
  private var isPausing: [Bool]
  /// By block: further attempts in this round and this attempt of the block around it.
  private var retries: [Int]
  /// How often somebody asked the run to end, since it began or was resumed.
  var cancellations = 0
  var isHalted = false
  /// Whether nothing is left to do.
  private var isFinished = false
  /// Whether a failure has ended the run.
  private var isStopped = false
  /// Whether anything has failed for good.
  var hasFailure = false

  init(_ rules: RunRules, _ policy: RunPolicy) {
    self.rules = rules
    self.policy = policy
    let nodes = rules.graph.count
    let blocks = rules.blocks.count
    status = Array(repeating: .untouched, count: nodes)
    attempts = Array(repeating: 0, count: nodes)
    since = Array(repeating: 0, count: nodes)
    counted = attempts
    isStarted = Array(repeating: false, count: blocks)
    isEntered = isStarted
    isTimedOut = isStarted
    isPausing = isStarted
    isRestarted = Array(repeating: .no, count: blocks)
    retries = Array(repeating: 0, count: blocks)
  }

  mutating func complain(_ words: String) {
    if complaints.count < 5 { complaints.append("\(words) [record \(count)]") }
  }

  func name(_ node: Int) -> String { rules.steps[node]?.name ?? "node \(node)" }

  /// Takes over what was complained of before an interruption.
  mutating func adopt(_ earlier: [String]) { complaints = earlier }

  /// People were told the next thing.
  mutating func tell() { untold.removeFirst() }

  /// Nobody will be told what has not been told yet.
  mutating func forgetUntold() { untold = [] }

  // MARK: Records

  /// Takes a record and what was decided about it.
  mutating func take(_ event: Event, _ decided: [Action]) {
    count += 1
    switch event {
    case .ended(let node, let attempt, _): ended(Int(node.index), attempt, decided)
    case .cancelled: if !isFinished { cancellations += 1 }
    case .assumed(let node, let assumption): assumptions[Int(node.index)] = assumption
    case .resumed: resumed()
    case .halted: isHalted = true
    case .fired(.blockBackoff(let block)): beginAgain(Int(block.index))
    case .began, .started, .answered, .fired: break
    }
    for action in decided {
      switch action {
      case .start(let node, let attempt): start(Int(node.index), attempt)
      case .recover(let node, let attempt):
        let index = Int(node.index)
        if status[index] != .underWay || attempts[index] != attempt {
          complain("\(name(index)) is asked after without being under way")
        }
      case .announce(let announcement):
        untold.append((count, announcement))
        announced(announcement)
      case .finish: isFinished = true
      default: break
      }
    }
  }

  private mutating func ended(_ node: Int, _ attempt: Int, _ decided: [Action]) {
    if status[node] != .underWay { complain("\(name(node)) ends without having started") }
    if attempts[node] != attempt { complain("\(name(node)) ends a wrong attempt") }
    status[node] = .pausing
    guard awaited.remove(node) != nil else {
      assumptions[node] = nil
      return
    }
    status[node] = .untouched
    let succeeded = Action.announce(.stepSucceeded(NodeID(UInt32(node)), attempts: attempt))
    if decided.contains(succeeded) { pass(node) }
    if awaited.isEmpty, cancellations == 0, !isHalted { beginRound() }
  }

  private mutating func pass(_ node: Int) {
    status[node] = .passed
    since[node] = count
  }

  private mutating func announced(_ announcement: Announcement) {
    switch announcement {
    case .stepSucceeded(let node, _), .stepSkipped(let node, _): pass(Int(node.index))
    case .attemptLost(let node, _):
      counted[Int(node.index)] -= 1
      status[Int(node.index)] = .untouched
    case .stepFailed(let node, _, let failure, let isOptional):
      failed(Int(node.index), failure, isOptional)
    case .blockRetried(let block, _, _): retried(Int(block.index))
    case .blockTimedOut(let block):
      isTimedOut[Int(block.index)] = true
      hasFailure = true
    case .handlerEntered(let block): entered(Int(block.index))
    case .attemptStarted, .attemptAdopted, .attemptFailed, .barrierPassed, .timedOut, .killed,
      .halted:
      break
    }
  }

  private mutating func failed(_ node: Int, _ failure: StepFailure, _ isOptional: Bool) {
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

  // MARK: Starting

  private mutating func start(_ node: Int, _ attempt: Int) {
    guard let step = rules.steps[node] else { return complain("node \(node) is no step") }
    if status[node] == .underWay { complain("\(step.name) is started while it is under way") }
    if status[node] == .passed, !mayRestart.contains(node) {
      complain("\(step.name) is started although it has passed")
    }
    if attempt != attempts[node] + 1 { complain("\(step.name) skips an attempt") }
    counted[node] += 1
    if counted[node] > (step.template.retry?.count ?? 0) + 1 {
      complain("\(step.name) has too many attempts")
    }
    if step.handler == nil ? cancellations > 0 || isStopped : cancellations > 1 {
      complain("\(step.name) starts although the run is to end")
    }
    if isHalted { complain("\(step.name) starts although nothing can be recorded") }
    if !awaited.isEmpty { complain("\(step.name) starts before the run goes on") }
    attempts[node] = attempt
    since[node] = count
    status[node] = .underWay
    mayRestart.remove(node)
    mayRest.remove(node)
    startedInRound.insert(node)
    for block in step.blocks where !isStarted[block] {
      if step.handler == nil, let parent = rules.blocks[block].parent,
        rules.blocks[parent].template.closesAfterFailure,
        // With more slots it may have been let in before.
        rules.blocks[parent].template.slots == 1,
        rules.blocks[parent].blocks.contains(where: hasEndedInFailure)
      {
        complain("\(step.name) starts although the rollout has failed")
      }
      isStarted[block] = true
    }
    judgeOrder(node, step)
    judgeLimits(node, step)
  }

  private mutating func judgeOrder(_ node: Int, _ step: RunRules.Step) {
    for earlier in step.before {
      switch status[earlier.step] {
      case .passed: break
      case .underWay, .pausing: complain("\(step.name) starts while \(name(earlier.step)) runs")
      case .untouched, .failed, .cancelled:
        if !earlier.mayBePassedOver {
          complain("\(step.name) starts before \(name(earlier.step)) has passed")
        }
      }
    }
    for block in step.blocksBefore where isStarted[block] && !isOver(block) {
      complain("\(step.name) starts before the handlers of a block before it have passed")
    }
    if let handler = step.handler, !isEntered[handler] {
      complain("\(step.name) starts although its handler was not entered")
    }
    for block in step.blocks where rules.blocks[block].isHandler {
      guard let owner = rules.blocks[block].parent else { continue }
      for other in rules.blocks[owner].body where isBusy(other) {
        complain("\(step.name) starts while \(name(other)) runs")
      }
    }
  }

  func isBusy(_ node: Int) -> Bool { status[node] == .underWay || status[node] == .pausing }

  /// Whether a block that something later waits for is over, as far as its handlers and its time go.
  private func isOver(_ block: Int) -> Bool {
    let rule = rules.blocks[block]
    if rule.mayFail { return !rule.all.contains(where: isBusy) }
    if isTimedOut[block] { return false }
    if rule.onFailure.contains(where: { isEntered[$0] }) { return false }
    return rule.finally.allSatisfy { handler in
      isEntered[handler] && rules.blocks[handler].all.allSatisfy { status[$0] == .passed }
    }
  }

  /// Whether a block is over for certain, and a step in it has failed that nothing takes on itself.
  private func hasEndedInFailure(_ block: Int) -> Bool {
    let rule = rules.blocks[block]
    return !rule.all.contains(where: isBusy) && !isAnyPausing(in: block)
      && rule.body.contains { status[$0] == .failed && rules.steps[$0]?.isNeeded ?? false }
  }

  private func isAnyPausing(in block: Int) -> Bool {
    isPausing[block] || rules.blocks[block].blocks.contains(where: isAnyPausing)
  }

  // MARK: Limits

  private mutating func judgeLimits(_ node: Int, _ step: RunRules.Step) {
    let underWay = rules.nodes.count { status[$0] == .underWay }
    if underWay > policy.parallel { complain("\(underWay) under way at once") }
    for limit in step.template.limits { judge(Int(limit.index), step.name) }
    if step.template.takesBlockSlot, let block = step.blocks.first { judgeSlots(block, step.name) }
    for block in step.blocks {
      let rule = rules.blocks[block]
      for limit in rule.template.limits { judge(Int(limit.index), step.name) }
      if rule.template.takesBlockSlot, let parent = rule.parent { judgeSlots(parent, step.name) }
    }
  }

  private mutating func judge(_ limit: Int, _ name: String) {
    let count =
      rules.limitSteps[limit].count(where: isBusy) + rules.limitBlocks[limit].count(where: isInside)
    if count > rules.graph.limits[limit] { complain("\(count) in a limit at \(name)") }
  }

  private mutating func judgeSlots(_ block: Int, _ name: String) {
    let rule = rules.blocks[block]
    guard let slots = rule.template.slots else { return }
    let count =
      rule.steps.count { isBusy($0) && rules.steps[$0]?.template.takesBlockSlot ?? false }
      + rule.blocks.count { isInside($0) && rules.blocks[$0].template.takesBlockSlot }
    if count > slots { complain("\(count) in \(slots) slots of a block at \(name)") }
  }

  /// Whether a block has begun and is for certain not over.
  private func isInside(_ block: Int) -> Bool {
    guard isStarted[block] else { return false }
    let rule = rules.blocks[block]
    if rule.all.contains(where: isBusy) { return true }
    return !isTimedOut[block]
      && rule.body.contains { status[$0] == .untouched && !mayRest.contains($0) }
      && !rule.all.contains { status[$0] == .failed || status[$0] == .cancelled }
      && !rule.blocks.contains { rules.blocks[$0].template.isOptional } && !hasTrouble(in: block)
  }

  // MARK: Blocks

  private mutating func entered(_ handler: Int) {
    isEntered[handler] = true
    if cancellations > 1 || isHalted { complain("a handler is entered although the run is over") }
    guard let owner = rules.blocks[handler].parent else { return }
    let rule = rules.blocks[owner]
    for node in rule.body where isBusy(node) {
      complain("a handler is entered while \(name(node)) runs")
    }
    if rule.onFailure.contains(handler), rule.body.allSatisfy({ status[$0] == .passed }),
      !isTimedOut[owner], !hasTrouble(in: owner), cancellations == 0,
      policy.failureMode == .finish || !hasFailure
    {
      complain("an 'on failure' is entered without a failure")
    }
  }

  /// Whether a block inside may have failed although all its steps have passed.
  private func hasTrouble(in block: Int) -> Bool {
    rules.blocks[block].blocks.contains { inner in
      isTimedOut[inner] || hasTrouble(in: inner)
        || (rules.blocks[inner].onFailure + rules.blocks[inner].finally).contains { handler in
          isEntered[handler] && !rules.blocks[handler].all.allSatisfy { status[$0] == .passed }
        }
    }
  }

  private mutating func retried(_ block: Int) {
    judgeHandlers(of: block)
    retries[block] += 1
    if retries[block] > rules.blocks[block].template.retry?.count ?? 0 {
      complain("a block has too many attempts")
    }
    isPausing[block] = true
  }

  /// What stands in a block that begins again is as it was.
  private mutating func beginAgain(_ block: Int) {
    guard isPausing[block], cancellations == 0 || rules.blocks[block].isInHandler else { return }
    let rule = rules.blocks[block]
    for node in rule.all {
      if isBusy(node) { complain("\(name(node)) runs on while its block begins again") }
      status[node] = .untouched
      counted[node] = 0
      startedInRound.remove(node)
    }
    for node in startedInRound where rules.steps[node]?.blocksBefore.contains(block) ?? false {
      complain("\(name(node)) did not wait for a block that begins again")
    }
    forget(block)
  }

  /// Forgets what is known of a block and of those inside it.
  private mutating func forget(_ block: Int) {
    isStarted[block] = false
    isTimedOut[block] = false
    isPausing[block] = false
    for handler in rules.blocks[block].onFailure + rules.blocks[block].finally {
      isEntered[handler] = false
      retries[handler] = 0
      forget(handler)
    }
    for inner in rules.blocks[block].blocks {
      retries[inner] = 0
      forget(inner)
    }
  }

  /// Whether handlers that have to run by the end of their block's attempt were entered.
  mutating func judgeHandlers(of block: Int) {
    // A second request to stop spares the handlers too.
    if cancellations > 1 || isHalted || !isStarted[block] { return }
    let rule = rules.blocks[block]
    for handler in rule.finally where !isEntered[handler] {
      complain("a 'finally' is not entered")
    }
    if rule.steps.contains(where: { status[$0] == .failed || status[$0] == .cancelled }) {
      for handler in rule.onFailure where !isEntered[handler] {
        complain("an 'on failure' is not entered")
      }
    }
  }

  // MARK: Resuming

  private enum Passed: Sendable { case yes, no, perhaps }

  /// What is under way is seen through; where something of it stands in a block that begins again,
  /// everything else waits for all of it.
  private mutating func resumed() {
    let before = isRestarted
    isRestarted = Array(repeating: .no, count: rules.blocks.count)
    for block in rules.blocks.indices {
      isRestarted[block] = before[block] == .yes ? .yes : restart(of: block)
    }
    cancellations = 0
    isFinished = false
    isHalted = false
    isStopped = false
    hasFailure = false
    awaited = []
    let underWay = rules.nodes.filter { status[$0] == .underWay }
    let mustAwait = underWay.contains { node in
      rules.steps[node]?.blocks.first.map { isRestarted[$0] == .yes } ?? false
    }
    isRoundBegun = false
    if mustAwait {
      awaited = Set(underWay)
    } else {
      beginRound()
    }
  }

  /// Whether what has passed in a block is to run again, because a handler of it, or of one around it,
  /// was entered.
  private func restart(of block: Int) -> Passed {
    let rule = rules.blocks[block]
    let around = rule.parent.map { isRestarted[$0] } ?? .no
    if rule.isHandler, let owner = rule.parent {
      // Those of the plan run each time that it ends.
      let mayRest = rules.blocks[owner].template.kind != .plan && isEntered[block]
      return mayRest && hasPassed(owner) == .yes ? around : .yes
    }
    if around == .yes { return .yes }
    if rule.template.kind == .plan { return around }
    if !(rule.onFailure + rule.finally).contains(where: { isEntered[$0] }) { return around }
    switch hasPassed(block) {
    case .no: return .yes
    case .perhaps: return .perhaps
    case .yes: return around
    }
  }

  /// What has passed stays, unless it stands in a block that begins again; all else is as it was before
  /// the run began.
  private mutating func beginRound() {
    for block in rules.blocks.indices where mayHavePassed(block) {
      mayRest.formUnion(rules.blocks[block].all)
    }
    isRoundBegun = true
    startedInRound = []
    for block in isStarted.indices {
      isStarted[block] = false
      isEntered[block] = false
      isTimedOut[block] = false
      isPausing[block] = false
      retries[block] = 0
    }
    for node in rules.nodes {
      guard let step = rules.steps[node] else { continue }
      if status[node] == .underWay {
        for block in step.blocks { isStarted[block] = true }
        continue
      }
      counted[node] = 0
      let restart = step.blocks.first.map { isRestarted[$0] } ?? .no
      if status[node] == .passed, restart != .no {
        let isSpent = attempts[node] > 0 && !step.template.isIdempotent && !step.isInHandlerOfPlan
        if restart == .yes, !isSpent || assumptions[node] == .again {
          status[node] = .untouched
        } else {
          mayRestart.insert(node)
        }
      } else if status[node] != .passed {
        status[node] = .untouched
      }
      if assumptions[node] == .done { pass(node) }
    }
    assumptions = assumptions.filter { status[$0.key] == .underWay }
    isRestarted = Array(repeating: .no, count: rules.blocks.count)
  }

  /// Whether a block may have failed and passed all the same, being optional.
  private func mayHavePassed(_ block: Int) -> Bool {
    let rule = rules.blocks[block]
    return rule.template.isOptional
      && (isStarted[block] || isTimedOut[block] || hasTrouble(in: block))
      && !rule.all.contains(where: isBusy)
  }

  /// Whether a handler that was entered has nothing left to do.
  private func isSettled(_ handler: Int) -> Bool {
    let all = rules.blocks[handler].all
    return all.allSatisfy { status[$0] == .passed } || isTimedOut[handler]
      || !all.contains(where: isBusy)
        && all.contains { status[$0] == .failed || status[$0] == .cancelled }
  }

  /// Whether a block of which a handler was entered has passed.
  private func hasPassed(_ block: Int) -> Passed {
    let rule = rules.blocks[block]
    for handler in rule.onFailure + rule.finally where isEntered[handler] && !isSettled(handler) {
      return .no
    }
    if !rule.finally.allSatisfy({ isEntered[$0] }) { return .no }
    if rule.template.isOptional { return .perhaps }
    if isTimedOut[block] { return .no }
    for handler in rule.onFailure + rule.finally where isEntered[handler] {
      if !rules.blocks[handler].all.allSatisfy({ status[$0] == .passed }) { return .no }
    }
    if rule.onFailure.contains(where: { isEntered[$0] }) { return .no }
    return rule.body.allSatisfy { status[$0] == .passed } && !hasTrouble(in: block)
      ? .yes : .perhaps
  }
}
