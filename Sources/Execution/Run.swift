package import PlanGraph

/// A run of a graph: the one place where it is decided what happens next.
///
/// It holds no clock, thread, file or process. It is told events and asks for actions; the same
/// events at the same moments always give the same actions and the same state.
package struct Run: Sendable {
  package let graph: Graph
  package let policy: RunPolicy

  /// By node.
  var states: [NodeState]
  /// By node: predecessors that have not passed.
  var waitingFor: [UInt32]
  /// By node: attempts of the step so far, those before a retry of a block around it included.
  var attempts: [UInt32]
  /// By node: the number of the event since which nothing but slots keeps it from starting.
  private(set) var readySince: [UInt32]
  /// How many events there have been.
  package private(set) var eventCount: UInt32 = 0
  /// Attempts of steps before the present attempt of the block around them, where there were any.
  var attemptsBefore: [UInt32: UInt32] = [:]
  /// Of those attempts, the ones of which nothing was ever started.
  var unstarted: [UInt32: UInt32] = [:]
  /// Why the attempts under way were asked to end, by node.
  var stopReasons: [UInt32: StopReason] = [:]
  /// Why steps failed for good, optional ones included.
  package internal(set) var failures: [NodeID: StepFailure] = [:]

  /// The blocks whose own time was over, in the present attempt of what is around them.
  package internal(set) var blockTimeouts: Set<BlockID> = []

  var blockStates: [BlockState]
  /// Things directly in the plan, in no block, that have not ended.
  var pendingAtTop: Int = 0
  /// What people have said of steps since the run was broken off or ended.
  var assumptions: [NodeID: Assumption] = [:]
  /// Steps that have to be over before a resumed run can begin.
  var awaited: Set<NodeID> = []
  /// Steps that pass when their turn comes, as their work is done and is not to be done again.
  var settled: Set<NodeID> = []
  /// Steps that may not be started a second time, and how they failed.
  var withheld: [NodeID: StepFailure] = [:]
  /// By block that a resumed run has not entered: what inside it can start as soon as it is.
  var freedByEntry: [BlockID: [NodeID]] = [:]
  /// What conditions were found to be, so that they are asked once.
  var answers: [NodeID: Bool] = [:]

  var limitQueues: [SlotQueue]
  /// Steps that have all their slots and wait for `policy.parallel`.
  var startQueue = Queue<NodeID>()
  /// Steps whose attempts are under way.
  package internal(set) var underWay = 0

  /// What is to be done before the present event is dealt with.
  var work: [Work] = []
  var actions: [Action] = []
  var now = Instant(nanoseconds: 0)
  /// Why nothing new starts any more, handlers excepted.
  package internal(set) var stopping: Stopping?
  package internal(set) var outcome: RunOutcome?

  enum StopReason: Sendable { case timeout, cancel }

  enum Work: Sendable {
    /// Everything before the node has passed.
    case ready(NodeID)
    /// Everything in the block, or directly in the plan, has ended.
    case bodyEnded(BlockID)
  }

  /// Why a run starts nothing new.
  package enum Stopping: Hashable, Sendable {
    case signal(Int32)
    case failure
    /// Nothing can be recorded any more.
    case halt
  }

  /// Makes a run of which nothing has happened.
  package init(_ graph: Graph, policy: RunPolicy) {
    self.graph = graph
    self.policy = policy
    let count = graph.count
    states = Array(repeating: .waiting, count: count)
    attempts = Array(repeating: 0, count: count)
    readySince = attempts
    waitingFor = (0..<count).map { graph.predecessorStart[$0 + 1] - graph.predecessorStart[$0] }
    limitQueues = graph.limits.map { SlotQueue(capacity: $0) }
    blockStates = graph.blocks.map { block in
      let slots = graph.blockTemplates[Int(block.template.index)].slots
      return BlockState(slots: slots.map { SlotQueue(capacity: $0) })
    }
    findHandlers()
    for node in 0..<count { countPending(NodeID(UInt32(node))) }
  }

  /// The state of a node.
  package subscript(_ node: NodeID) -> NodeState { states[Int(node.index)] }

  /// How often a step has been started.
  package func attempts(of node: NodeID) -> Int { Int(attempts[Int(node.index)]) }

  /// Takes an event and gives what is to be done about it, in order.
  package mutating func handle(_ event: Event, at moment: Instant) -> [Action] {
    now = moment
    eventCount += 1
    switch event {
    case .began: begin()
    case .started: break
    case .ended(let node, let attempt, let result): attemptEnded(node, attempt, result)
    case .answered(let node, let holds): answered(node, holds)
    case .fired(let timer): fired(timer)
    case .cancelled(let signal): cancel(signal)
    case .assumed(let node, let assumption): assumptions[node] = assumption
    case .resumed: resume()
    case .halted: halt()
    }
    settle()
    defer { actions = [] }
    return actions
  }

  /// The event (counted from 1) that has to be on disk before this start may be acted on.
  ///
  /// That is the one by which the last of what the step waits for has passed. A step that is not
  /// idempotent waits for the record of its own start as well.
  package func recordNeeded(toStart node: NodeID) -> UInt32 {
    graph.steps[Int(graph[node].payload)].isIdempotent ? readySince[Int(node.index)] : eventCount
  }

  mutating func begin() {
    if pendingAtTop == 0 { work.append(.bodyEnded(.none)) }
    // In reverse, because work is taken from the end: the first node is looked at first.
    for index in stride(from: graph.count - 1, through: 0, by: -1) where waitingFor[index] == 0 {
      let node = NodeID(UInt32(index))
      guard states[index] == .waiting, let block = opener(of: node), isEntered(block) else {
        continue
      }
      work.append(.ready(node))
    }
  }

  /// The block that has to be entered before a node starts when nothing keeps it waiting (`none`: the
  /// plan itself); nil where it does not start by that, but begins a handler or ends a block.
  func opener(of node: NodeID) -> BlockID? {
    let entry = graph[node]
    switch entry.kind {
    case .step, .barrier, .join: return entry.block
    case .blockBegin: return isHandler(entry.block) ? nil : graph[entry.block].parent
    case .blockEnd: return nil
    }
  }

  /// Whether the block was entered; the plan itself always is.
  func isEntered(_ block: BlockID) -> Bool {
    block == .none || blockStates[Int(block.index)].isEntered
  }

  /// Does what follows from what has happened until nothing more does.
  private mutating func settle() {
    while true {
      while let next = work.popLast() {
        switch next {
        case .ready(let node): becomeReady(node)
        case .bodyEnded(.none): finish()
        case .bodyEnded(let block): bodyEnded(block)
        }
      }
      if !startNext() { return }
    }
  }

  mutating func finish() {
    guard outcome == nil else { return }
    let result: RunOutcome
    if case .signal(let number)? = stopping {
      result = .cancelled(signal: number)
    } else if stopping != nil || hasFailed {
      result = .failed
    } else {
      result = .succeeded
    }
    outcome = result
    actions.append(.finish(result))
  }

  /// Whether something that is not optional has failed.
  var hasFailed = false
  /// Whether a second request to end the run has come, which handlers heed too.
  var isForced = false

  // MARK: Nodes

  /// Puts a node into another state.
  mutating func set(_ node: NodeID, _ state: NodeState) { states[Int(node.index)] = state }

  private mutating func becomeReady(_ node: NodeID) {
    guard self[node] == .waiting else { return }
    readySince[Int(node.index)] = eventCount
    let entry = graph.nodes[Int(node.index)]
    switch entry.kind {
    case .join:
      pass(node, .succeeded)
    case .barrier:
      actions.append(.announce(.barrierPassed(node)))
      pass(node, .succeeded)
    case .step:
      let index = Int(entry.payload)
      if let reason = graph.steps[index].skipReason ?? passOverReason(node) {
        actions.append(.announce(.stepSkipped(node, reason: reason)))
        pass(node, .skipped)
      } else if settled.contains(node) {
        pass(node, .succeeded)
      } else if let failure = withheld[node] {
        refuseAgain(node, failure)
      } else if let condition = graph.steps[index].condition {
        ask(node, condition)
      } else {
        request(node)
      }
    case .blockBegin:
      let block = BlockID(entry.payload)
      if let reason = graph.template(block).skipReason {
        skipBlock(block, reason: reason)
      } else if let condition = graph.template(block).condition {
        ask(node, condition)
      } else {
        request(node)
      }
    case .blockEnd:
      preconditionFailure("a block ends by what is in it, not by its edges")
    }
  }

  private func passOverReason(_ node: NodeID) -> String? {
    policy.passedOver.isEmpty ? nil : policy.passedOver[node]?.words
  }

  private mutating func ask(_ node: NodeID, _ condition: RuntimeCondition) {
    set(node, .asking)
    if let known = answers[node] { return answered(node, known) }
    actions.append(.ask(node, condition))
  }

  private mutating func answered(_ node: NodeID, _ holds: Bool) {
    guard self[node] == .asking else { return }
    answers[node] = holds
    if holds { return request(node) }
    if graph[node].kind == .blockBegin {
      return skipBlock(
        BlockID(graph[node].payload),
        reason: "the condition of its block does not hold"
      )
    }
    actions.append(.announce(.stepSkipped(node, reason: "its condition does not hold")))
    pass(node, .skipped)
  }

  /// Ends a node in a way that lets what comes after it start.
  mutating func pass(_ node: NodeID, _ state: NodeState) {
    set(node, state)
    let successors = graph.successors(node)
    // In reverse, because work is taken from the end.
    for successor in successors.reversed() {
      // A block's end is not reached by edges: it comes when everything inside has ended.
      if graph.nodes[Int(successor)].kind == .blockEnd { continue }
      // In a resumed run some of what stands in a block may have passed before.
      if states[Int(successor)].isEnded { continue }
      waitingFor[Int(successor)] -= 1
      if waitingFor[Int(successor)] == 0 { work.append(.ready(NodeID(successor))) }
    }
    memberEnded(node)
  }

  /// Ends a node in a way that what comes after it never starts.
  mutating func fail(_ node: NodeID, _ state: NodeState) {
    set(node, state)
    memberEnded(node)
    blockSuccessors(of: node)
  }

  /// Marks everything that waits for the node, and has not ended, as blocked.
  private mutating func blockSuccessors(of node: NodeID) {
    var stack = [node]
    while let current = stack.popLast() {
      var successors = graph.successors(current).map { NodeID($0) }
      if graph[current].kind == .blockBegin {
        successors += freedByEntry.removeValue(forKey: graph[current].block) ?? []
      }
      for next in successors {
        if graph[next].kind == .blockEnd || self[next].isEnded { continue }
        if self[next] == .waiting || self[next] == .asking {
          set(next, .blocked)
          memberEnded(next)
          stack.append(next)
        }
      }
    }
  }

  /// Counts an ended node where it is a member: in its block, or directly in the plan.
  mutating func memberEnded(_ node: NodeID) {
    guard let holder = holder(of: node) else {
      // With nothing inside it a block ends when its begin is dealt with.
      if graph[node].kind == .blockBegin, blockStates[Int(graph[node].payload)].pending == 0 {
        work.append(.bodyEnded(BlockID(graph[node].payload)))
      }
      return
    }
    if holder == .none {
      pendingAtTop -= 1
      if pendingAtTop == 0 { work.append(.bodyEnded(.none)) }
    } else {
      blockStates[Int(holder.index)].pending -= 1
      if blockStates[Int(holder.index)].pending == 0 { work.append(.bodyEnded(holder)) }
    }
  }

  /// The block of which the node is a member (`none`: the plan itself).
  ///
  /// A block's begin is none; its end is one of the block around it. A handler's end is none
  /// either: its owner waits for it.
  func holder(of node: NodeID) -> BlockID? {
    let entry = graph.nodes[Int(node.index)]
    switch entry.kind {
    case .step, .barrier, .join: return entry.block
    case .blockBegin: return nil
    case .blockEnd:
      let block = BlockID(entry.payload)
      return isHandler(block) ? nil : graph[block].parent
    }
  }

  mutating func countPending(_ node: NodeID) {
    guard let holder = holder(of: node) else { return }
    if holder == .none {
      pendingAtTop += 1
    } else {
      blockStates[Int(holder.index)].pending += 1
    }
  }
}
