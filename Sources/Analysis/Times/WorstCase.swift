import Execution
package import PlanGraph

/// The longest that a run of a graph can take, begun anew and driven to its end.
///
/// It is an upper bound of every run, whatever fails, is tried again or has to wait for a slot; without
/// limits that hold something up it is the longest path, and some run takes it. `docs/proof.md` has
/// the argument. Left out is what the machine itself takes: to start a process, to sync a record, to
/// notice an end.
package struct WorstCase: Sendable {
  /// Something of which there are fewer slots than may want one at a time.
  package enum Contended: Hashable, Sendable {
    /// `--parallel`.
    case parallel(Int)
    /// A limit over the whole run: of the plan or a phase.
    case limit(LimitID, Int)
    /// A limit of a block or the pace of a rollout: by template, so many slots each time.
    case slots(BlockTemplateID, Int)
  }

  /// Of the whole run.
  package let total: TimeBound
  /// What may have to be waited for besides the order.
  package let contended: [Contended]
  /// The steps that nothing bounds, ascending.
  package let unbounded: [NodeID]
  /// By node: the longest that a step is at it, from its first attempt to its end, pauses included;
  /// nothing for what is no step or never runs.
  package let steps: [TimeBound]

  /// Computes it, in time linear in nodes and edges for each limit that may hold something up.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - parallel: how many steps at most are under way at once.
  ///   - leftOut: the steps that are passed over.
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
    // A chain of steps alone waits only while others have the slots; where blocks have some, not
    // even the chain's own time can be told apart.
    let sharing =
      slots.areOfStepsAlone ? BlockBounds(graph, work, slots, sharing: true) : unlimited
    let waiting = Waiting(graph, work, slots, unlimited)
    total = min(sharing.total(waiting: waiting), work.oneByOne)
  }
}

/// What each step takes at most, and how often.
struct StepWork {
  /// By node, in the first round of the blocks around it, and in a later one, when pauses may have
  /// grown.
  private(set) var first: [TimeBound]
  private(set) var later: [TimeBound]
  /// By node: over all rounds, as far as timeouts around it let it; for the slots that it holds.
  private(set) var held: [TimeBound]
  /// By node: the same without the pauses.
  private(set) var underWay: [TimeBound]
  private(set) var unbounded: [NodeID] = []
  /// By node: whether it may run.
  private(set) var mayRun: [Bool]
  /// By block: how often it may be entered.
  private(set) var rounds: [Int]
  /// By block: the innermost handler that it is or stands in.
  private(set) var handlers: [BlockID]
  /// All of it, and the pauses of blocks, with never two things at once.
  private(set) var oneByOne = TimeBound.zero

  init(_ graph: Graph, leavingOut leftOut: Set<NodeID>) {
    first = Array(repeating: .zero, count: graph.count)
    (later, held, underWay) = (first, first, first)
    mayRun = Array(repeating: false, count: graph.count)
    rounds = []
    handlers = []
    var bounds: [TimeBound] = []
    var isSkipped: [Bool] = []
    for (index, block) in graph.blocks.enumerated() {
      let template = graph.template(BlockID(UInt32(index)))
      let parent = block.parent == .none ? nil : Int(block.parent.index)
      let isHandler = template.kind == .onFailure || template.kind == .finally
      let around = parent.map { rounds[$0] } ?? 1
      let own = 1 + (template.retry?.count ?? 0)
      let (product, overflow) = around.multipliedReportingOverflow(by: own)
      rounds.append(overflow ? .max : product)
      handlers.append(isHandler ? BlockID(UInt32(index)) : parent.map { handlers[$0] } ?? .none)
      let outer = isHandler ? TimeBound.unbounded : parent.map { bounds[$0] } ?? .unbounded
      bounds.append(min(outer, template.timeout.map { TimeBound($0) } ?? .unbounded))
      isSkipped.append(template.skipReason != nil || parent.map { isSkipped[$0] } ?? false)
      if let retry = template.retry, !isSkipped[index] {
        oneByOne += retry.longestPauses(isLater: false) * around
      }
    }
    for index in graph.nodes.indices {
      let node = NodeID(UInt32(index))
      guard let step = graph.step(node), step.skipReason == nil, !leftOut.contains(node) else {
        continue
      }
      let block = graph[node].block
      let isInBlock = block != .none
      if isInBlock, isSkipped[Int(block.index)] { continue }
      mayRun[index] = true
      let attempt = step.timeout.map { TimeBound($0) + TimeBound(step.grace) } ?? .unbounded
      let attempts = attempt * (1 + (step.retry?.count ?? 0))
      first[index] = attempts + (step.retry?.longestPauses(isLater: false) ?? .zero)
      later[index] = attempts + (step.retry?.longestPauses(isLater: true) ?? .zero)
      let around = isInBlock ? bounds[Int(block.index)] + TimeBound(step.grace) : .unbounded
      let times = isInBlock ? rounds[Int(block.index)] : 1
      held[index] = min(first[index], around) + min(later[index], around) * (times - 1)
      underWay[index] = min(attempts, around) * times
      oneByOne += held[index]
      if min(first[index], around) == .unbounded { unbounded.append(node) }
    }
  }
}

/// How long waiting for slots over the whole run can hold things up.
struct Waiting {
  /// In the body of the plan, its handlers' included; in handlers inside it; in the plan's own.
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
      for (index, block) in graph.blocks.enumerated()
      where graph.template(BlockID(UInt32(index))).limits.contains(limit) {
        let around = block.parent == .none ? 1 : work.rounds[Int(block.parent.index)]
        blocks += bounds.first[index] + bounds.later[index] * (around - 1)
      }
      body += blocks / capacity
    }
  }

  private mutating func add(
    _ graph: Graph,
    _ work: StepWork,
    _ capacity: Int,
    _ time: (Int) -> TimeBound
  ) {
    var sums = (body: TimeBound.zero, handlers: TimeBound.zero, planHandlers: TimeBound.zero)
    for index in graph.nodes.indices where work.mayRun[index] {
      let block = graph.nodes[index].block
      let handler = block == .none ? BlockID.none : work.handlers[Int(block.index)]
      if handler == .none {
        sums.body += time(index)
      } else if graph.isInHandlerOfPlan(handler) {
        sums.planHandlers += time(index)
      } else {
        sums.handlers += time(index)
      }
    }
    body += (sums.body + sums.handlers) / capacity
    handlers += sums.handlers / capacity
    planHandlers += (sums.planHandlers) / capacity
  }
}
