import PlanGraph

/// The longest that each block takes, from the inside out, in one pass over the nodes.
///
/// Nodes of a block are contiguous and lead from its begin to its end, so what is inside is counted
/// from the begin on, and the whole then stands in the block around it like a step. Limits over the
/// whole run are left to `Waiting`; those of a block are counted here.
struct BlockBounds {
  /// Of all rounds of a block, where those around it are in their first, or in a later one.
  private(set) var first: Table<BlockID, TimeBound>
  private(set) var later: Table<BlockID, TimeBound>

  /// The outermost block where it is that of the whole plan.
  private var plan: Frame?
  private var planTimeout: Duration?
  private var outermost: Frame

  /// What has been found of a block whose end has not been reached.
  fileprivate struct Frame {
    var block: BlockID
    /// When it begins, in the block around it.
    var startFirst = TimeBound.zero
    var startLater = TimeBound.zero
    /// When the last of what is in it has ended.
    var bodyFirst = TimeBound.zero
    var bodyLater = TimeBound.zero
    /// What its handlers take.
    var handlersFirst = TimeBound.zero
    var handlersLater = TimeBound.zero
    /// How long it goes on after everything in it was asked to end.
    var tailFirst = TimeBound.zero
    var tailLater = TimeBound.zero
    /// How many slots there are for what is directly inside; nil where they are enough.
    var slots: Int?
    /// What those that take one take together.
    var sharedFirst = TimeBound.zero
    var sharedLater = TimeBound.zero

    init(_ block: BlockID) { self.block = block }
  }

  /// Computes it.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - work: what its steps take.
  ///   - slots: which slots may be too few.
  ///   - sharing: whether the time that a step holds slots over the whole run counts only for the
  ///     part that `Waiting` does not count already.
  init(_ graph: Graph, _ work: StepWork, _ slots: ContendedSlots, sharing: Bool) {
    first = Table(repeating: .zero, count: graph.blocks.count)
    later = first
    outermost = Frame(.none)
    // When a node has ended, counted from the begin of the block around it.
    var endFirst = Table<NodeID, TimeBound>(repeating: .zero, count: graph.count)
    var endLater = endFirst
    var frames = [Frame(.none)]
    for node in graph.nodes.indices {
      let entry = graph[node]
      var top = frames.count - 1
      var begin = (first: TimeBound.zero, later: TimeBound.zero)
      if entry.kind != .blockEnd {
        for before in graph.predecessors(node) {
          begin.first = max(begin.first, endFirst[before])
          begin.later = max(begin.later, endLater[before])
        }
      }
      switch entry.kind {
      case .blockBegin:
        var frame = Frame(entry.block)
        (frame.startFirst, frame.startLater) = begin
        frame.slots = slots.blocks[entry.block]
        frames.append(frame)
        continue
      case .step where work.mayRun[node]:
        let step = graph.steps[entry.template]
        var times = (first: work.first[node], later: work.later[node])
        if sharing {
          times.first = slots.unshared(times.first, node, graph)
          times.later = slots.unshared(times.later, node, graph)
        }
        frames[top].add(&times, takesSlot: step.takesBlockSlot)
        frames[top].tailFirst = max(frames[top].tailFirst, TimeBound(step.grace))
        frames[top].tailLater = max(frames[top].tailLater, TimeBound(step.grace))
        begin.first += times.first
        begin.later += times.later
      case .step, .barrier, .join: break
      case .blockEnd:
        let frame = frames.removeLast()
        top -= 1
        let template = graph.template(frame.block)
        var times = frame.all(template)
        (first[frame.block], later[frame.block]) = times
        if template.kind == .plan, frames.count == 1 {
          plan = frame
          planTimeout = template.timeout
        }
        if template.kind.isHandler {
          frames[top].handlersFirst += times.first
          frames[top].handlersLater += times.later
          continue
        }
        let (tailFirst, tailLater) = (
          frame.tailFirst + frame.handlersFirst, frame.tailLater + frame.handlersLater
        )
        frames[top].tailFirst = max(frames[top].tailFirst, tailFirst)
        frames[top].tailLater = max(frames[top].tailLater, tailLater)
        frames[top].add(&times, takesSlot: template.takesBlockSlot)
        begin = (frame.startFirst + times.first, frame.startLater + times.later)
      }
      (endFirst[node], endLater[node]) = begin
      frames[top].bodyFirst = max(frames[top].bodyFirst, begin.first)
      frames[top].bodyLater = max(frames[top].bodyLater, begin.later)
    }
    outermost = frames[0]
  }

  /// Of the whole run, with what waiting for slots adds.
  func total(waiting: Waiting) -> TimeBound {
    guard let plan else { return outermost.body.first + waiting.body }
    var body = plan.body.first + waiting.body
    if let planTimeout {
      body = min(body, TimeBound(planTimeout) + plan.tailFirst + waiting.handlers)
    }
    return body + plan.handlersFirst + waiting.planHandlers
  }
}

extension BlockBounds.Frame {
  /// When the last of what is in it has ended, waiting for its own slots included.
  fileprivate var body: (first: TimeBound, later: TimeBound) {
    guard let slots else { return (bodyFirst, bodyLater) }
    return (bodyFirst + sharedFirst / slots, bodyLater + sharedLater / slots)
  }

  /// Counts a step or block inside; where it takes a slot of too few, what is left of its times is the
  /// part that `shared` does not count already.
  fileprivate mutating func add(
    _ times: inout (first: TimeBound, later: TimeBound),
    takesSlot: Bool
  ) {
    guard takesSlot, let slots else { return }
    sharedFirst += times.first
    sharedLater += times.later
    times.first = times.first.less(oneIn: slots)
    times.later = times.later.less(oneIn: slots)
  }

  /// All rounds of the block.
  fileprivate func all(_ template: BlockTemplate) -> (first: TimeBound, later: TimeBound) {
    if template.skipReason != nil { return (.zero, .zero) }
    var (one, again) = body
    if let timeout = template.timeout {
      one = min(one, TimeBound(timeout) + tailFirst)
      again = min(again, TimeBound(timeout) + tailLater)
    }
    one += handlersFirst
    again += handlersLater
    guard let retry = template.retry else { return (one, again) }
    let pauses = retry.longestPauses(isLater: false)
    return (one + again * retry.count + pauses, again * (retry.count + 1) + pauses)
  }
}
