import Execution
package import PlanGraph

/// The longest time that a run of a graph can take, from its beginning to its end.
///
/// It is an upper bound for every run, whatever fails, is tried again or has to wait for a slot. If
/// no limit delays anything, it is the longest path, and some run takes that long. `docs/proof.md`
/// has the argument. It leaves out the time of the machine itself: to start a process, to sync a
/// record, to notice an end.
package struct WorstCase: Sendable {
  /// Something with fewer slots than there may be takers at one time.
  package enum Contended: Hashable, Sendable {
    /// `--parallel`.
    case parallel(Int)
    /// A limit over the whole run: of the plan or a phase.
    case limit(LimitID, Int)
    /// A limit of a block or the pace of a rollout: the template, and the slots of each block.
    case slots(BlockTemplateID, Int)
  }

  /// For the whole run.
  package let total: TimeBound
  /// What steps may have to wait for besides the order.
  package let contended: [Contended]
  /// The steps without a time limit, ascending.
  package let unbounded: [NodeID]
  /// The longest time of a step from its first attempt to its end, including pauses; zero for other
  /// nodes and for steps that never run.
  package let steps: Table<NodeID, TimeBound>

  /// Computes it, in time linear in nodes and edges for each limit that may delay something.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - parallel: the largest number of steps under way at once.
  ///   - leftOut: the steps that are skipped.
  package init(
    _ graph: Graph,
    parallel: Int = RunPolicy.defaultParallel,
    leavingOut leftOut: Set<NodeID> = []
  ) {
    let work = StepWork(graph, leavingOut: leftOut)
    steps = work.first
    unbounded = work.unbounded
    let slots = ContendedSlots(graph, work, parallel: parallel)
    let unlimited = BlockBounds(graph, work, slots, sharing: false)
    var seen: Set<Contended> = []
    contended = slots.all(graph).filter { seen.insert($0).inserted }
    if slots.isFree {
      total = unlimited.total(waiting: Waiting())
      return
    }
    // A chain of steps waits only while other steps hold the slots. If blocks hold some, the
    // chain's own time cannot be told apart from theirs.
    let sharing =
      slots.areOfStepsAlone ? BlockBounds(graph, work, slots, sharing: true) : unlimited
    let waiting = Waiting(graph, work, slots, unlimited)
    total = min(sharing.total(waiting: waiting), work.oneByOne)
  }
}

/// The longest time of each step, and how often it may run.
struct StepWork {
  /// The time in the first round of the blocks around the step, and in a later one, when pauses may
  /// have grown.
  private(set) var first: Table<NodeID, TimeBound>
  private(set) var later: Table<NodeID, TimeBound>
  /// The time over all rounds, within the timeouts around the step.
  ///
  /// This is how long it holds slots.
  private(set) var held: Table<NodeID, TimeBound>
  /// The same without the pauses.
  private(set) var underWay: Table<NodeID, TimeBound>
  private(set) var unbounded: [NodeID] = []
  /// Whether a step may run.
  private(set) var mayRun: Table<NodeID, Bool>
  /// How often a block may be entered.
  private(set) var rounds: Table<BlockID, Int>
  /// The innermost handler that a block is or belongs to.
  private(set) var handlers: Table<BlockID, BlockID>
  /// The total time, with the pauses of blocks, if never two things happen at once.
  private(set) var oneByOne = TimeBound.zero

  init(_ graph: Graph, leavingOut leftOut: Set<NodeID>) {
    first = Table(repeating: .zero, count: graph.count)
    (later, held, underWay) = (first, first, first)
    mayRun = Table(repeating: false, count: graph.count)
    rounds = []
    handlers = []
    var bounds: Table<BlockID, TimeBound> = []
    var isSkipped: Table<BlockID, Bool> = []
    for block in graph.blocks.indices {
      let template = graph.template(block)
      let parent = graph[block].parent == .none ? nil : graph[block].parent
      let isHandler = template.kind.isHandler
      let around = parent.map { rounds[$0] } ?? 1
      let own = 1 + (template.retry?.count ?? 0)
      let (product, overflow) = around.multipliedReportingOverflow(by: own)
      rounds.append(overflow ? .max : product)
      handlers.append(isHandler ? block : parent.map { handlers[$0] } ?? .none)
      let outer = isHandler ? TimeBound.unbounded : parent.map { bounds[$0] } ?? .unbounded
      bounds.append(min(outer, template.timeout.map { TimeBound($0) } ?? .unbounded))
      isSkipped.append(template.skipReason != nil || parent.map { isSkipped[$0] } ?? false)
      if let retry = template.retry, !isSkipped[block] {
        oneByOne += retry.longestPauses(isLater: false) * around
      }
    }
    for node in graph.nodes.indices {
      guard let step = graph.step(node), step.skipReason == nil, !leftOut.contains(node) else {
        continue
      }
      let block = graph[node].block
      let isInBlock = block != .none
      if isInBlock, isSkipped[block] { continue }
      mayRun[node] = true
      let attempt = step.timeout.map { TimeBound($0) + TimeBound(step.grace) } ?? .unbounded
      let attempts = attempt * (1 + (step.retry?.count ?? 0))
      first[node] = attempts + (step.retry?.longestPauses(isLater: false) ?? .zero)
      later[node] = attempts + (step.retry?.longestPauses(isLater: true) ?? .zero)
      let around = isInBlock ? bounds[block] + TimeBound(step.grace) : .unbounded
      let times = isInBlock ? rounds[block] : 1
      held[node] = min(first[node], around) + min(later[node], around) * (times - 1)
      underWay[node] = min(attempts, around) * times
      oneByOne += held[node]
      if min(first[node], around) == .unbounded { unbounded.append(node) }
    }
  }
}

/// How long waiting for slots over the whole run can delay things.
struct Waiting {
  /// The delay in the plan's body, including handlers inside it; in those handlers; in the plan's
  /// own handlers.
  var body = TimeBound.zero
  var handlers = TimeBound.zero
  var planHandlers = TimeBound.zero

  init() {}

  init(_ graph: Graph, _ work: StepWork, _ slots: ContendedSlots, _ bounds: BlockBounds) {
    if let parallel = slots.parallel { add(graph, work, parallel) { work.underWay[$0] } }
    for (limit, capacity) in slots.limits {
      add(graph, work, capacity) { node in
        slots.holds(node, limit, graph) ? work.held[node] : .zero
      }
      var blocks = TimeBound.zero
      for block in graph.blocks.indices where graph.template(block).limits.contains(limit) {
        let parent = graph[block].parent
        let around = parent == .none ? 1 : work.rounds[parent]
        blocks += bounds.first[block] + bounds.later[block] * (around - 1)
      }
      body += blocks / capacity
    }
  }

  private mutating func add(
    _ graph: Graph,
    _ work: StepWork,
    _ capacity: Int,
    _ time: (NodeID) -> TimeBound
  ) {
    var sums = (body: TimeBound.zero, handlers: TimeBound.zero, planHandlers: TimeBound.zero)
    for node in graph.nodes.indices where work.mayRun[node] {
      let block = graph[node].block
      let handler = block == .none ? BlockID.none : work.handlers[block]
      if handler == .none {
        sums.body += time(node)
      } else if graph.isInHandlerOfPlan(handler) {
        sums.planHandlers += time(node)
      } else {
        sums.handlers += time(node)
      }
    }
    body += (sums.body + sums.handlers) / capacity
    handlers += sums.handlers / capacity
    planHandlers += (sums.planHandlers) / capacity
  }
}
