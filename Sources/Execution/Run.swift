package import Clock
package import PlanGraph

/// A run of a graph, which alone decides what happens next.
///
/// It has no clock, thread, file or process. It gets events and returns actions. The same events at
/// the same times always give the same actions and the same state.
package struct Run: Sendable {
  package let graph: Graph
  package let policy: RunPolicy

  var states: Table<NodeID, NodeState>
  /// Predecessors that have not passed.
  var waitingFor: Table<NodeID, UInt32>
  /// The step's attempts so far, including those before a retry of a block around it.
  var attempts: Table<NodeID, UInt32>
  /// The number of the event since which only slots keep a node from starting.
  var readySince: Table<NodeID, UInt32>
  /// How many events there have been.
  package private(set) var eventCount: UInt32 = 0
  /// Attempts of steps before the current attempt of the block around them, if there were any.
  var attemptsBefore: [NodeID: UInt32] = [:]
  /// Attempts that do not prevent another start of a step: those that never started anything, and
  /// those of the plan's own handlers in completed ends of the run.
  var unstarted: [NodeID: UInt32] = [:]
  /// Why running attempts were asked to end.
  var stopReasons: [NodeID: StopReason] = [:]
  /// Why steps failed for good, including optional ones.
  package internal(set) var failures: [NodeID: StepFailure] = [:]

  /// The blocks that timed out, in the current attempt of the block around them.
  package internal(set) var blockTimeouts: Set<BlockID> = []

  var blockStates: Table<BlockID, BlockState>
  /// Nodes directly in the plan, outside of blocks, that have not ended.
  var pendingAtTop: Int = 0
  /// People's decisions about steps since the run was interrupted or ended.
  var assumptions: [NodeID: Assumption] = [:]
  /// Steps that must be over before a resumed run can begin.
  var awaited: Set<NodeID> = []
  /// Steps that pass when their turn comes, because their work is done and must not be repeated.
  var settled: Set<NodeID> = []
  /// Steps that must not be started a second time, and how they failed.
  var withheld: [NodeID: StepFailure] = [:]
  /// What may have undone results before the last resume.
  var lapse = Lapse.nothing
  /// Whether no round has begun since.
  var isLapsePending = false
  /// Nodes that passed before the resume and pass again when their turn comes, because something
  /// before them runs again; with how they had passed.
  package var kept: [NodeID: NodeState] = [:]
  /// Steps that had passed and run again.
  package internal(set) var renewed: Set<NodeID> = []
  /// By block that a resumed run has not entered: what inside it can start as soon as it is
  /// entered.
  var freedByEntry: [BlockID: [NodeID]] = [:]
  /// The known answers to conditions, so that each is asked once.
  var answers: [NodeID: Bool] = [:]

  var limitQueues: Table<LimitID, SlotQueue>
  /// Steps that have all their slots and wait for `policy.parallel`.
  var startQueue = Queue<NodeID>()
  /// Steps with a running attempt.
  package internal(set) var underWay = 0

  /// What must still be processed for the current event.
  var work: [Work] = []
  var actions: [Action] = []
  var now = Instant(nanoseconds: 0)
  /// Why nothing new starts any more, except handlers.
  package internal(set) var stopping: Stopping?
  /// How many signals have arrived since the run began or was resumed.
  package internal(set) var signals = 0
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

  /// Makes a run in which nothing has happened yet.
  package init(_ graph: Graph, policy: RunPolicy) {
    self.graph = graph
    self.policy = policy
    let count = graph.count
    states = Table(repeating: .waiting, count: count)
    attempts = Table(repeating: 0, count: count)
    readySince = attempts
    waitingFor = Table(graph.nodes.indices.map { UInt32(graph.predecessors($0).count) })
    limitQueues = graph.limits.mapValues { SlotQueue(capacity: $0) }
    blockStates = graph.blocks.mapValues { block in
      let slots = graph.blockTemplates[block.template].slots
      return BlockState(slots: slots.map { SlotQueue(capacity: $0) })
    }
    findHandlers()
    for node in graph.nodes.indices { countPending(node) }
  }

  /// The state of a node.
  package subscript(_ node: NodeID) -> NodeState { states[node] }

  /// How often a step has been started.
  package func attempts(of node: NodeID) -> Int { Int(attempts[node]) }

  /// Handles an event and returns the resulting actions, in order.
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
    case .resumed(let lapse): resume(after: lapse)
    case .halted: halt()
    }
    settle()
    defer { actions = [] }
    return actions
  }

  /// The event (counted from 1) that must be on disk before this start may be carried out.
  ///
  /// That is the event by which the last predecessor of the step passed. A step that is not
  /// idempotent also waits for the record of its own start.
  package func recordNeeded(toStart node: NodeID) -> UInt32 {
    graph.steps[graph[node].template].isIdempotent ? readySince[node] : eventCount
  }

  mutating func begin() {
    if pendingAtTop == 0 { work.append(.bodyEnded(.none)) }
    // In reverse, because work is taken from the end, so the first node comes first.
    for node in graph.nodes.indices.reversed() where waitingFor[node] == 0 {
      guard states[node] == .waiting, let block = opener(of: node), isEntered(block) else {
        continue
      }
      work.append(.ready(node))
    }
  }

  /// The block that must be entered before a node with passed predecessors starts (`none`: the plan
  /// itself); nil if the node does not start in this way, because it begins a handler or ends a
  /// block.
  func opener(of node: NodeID) -> BlockID? {
    let entry = graph[node]
    switch entry.kind {
    case .step, .barrier, .join: return entry.block
    case .blockBegin: return isHandler(entry.block) ? nil : graph[entry.block].parent
    case .blockEnd: return nil
    }
  }

  /// Whether the block was entered.
  ///
  /// The plan itself always is.
  package func isEntered(_ block: BlockID) -> Bool {
    block == .none || blockStates[block].isEntered
  }

  /// Processes the consequences of what has happened until nothing is left.
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
    restoreKept()
    actions.append(.finish(result))
  }

  /// Whether something that is not optional has failed.
  var hasFailed = false
  /// Whether handlers must end too, because of a second signal or because nothing can be recorded.
  var isForced = false
}
