import PlanGraph

/// The longest time that each block can take, from the inside out, in one pass over the nodes.
///
/// The nodes of a block are contiguous and lead from its begin to its end. So times inside are
/// counted from the begin, and the whole block then counts like a step in the block around it.
/// `Waiting` handles limits over the whole run; the slots of a block are counted here.
struct BlockBounds {
  /// The time of all rounds of a block, if the blocks around it are in their first round or in a
  /// later one.
  private(set) var first: Table<BlockID, TimeBound>
  private(set) var later: Table<BlockID, TimeBound>

  /// The outermost block if it is the block of the whole plan.
  private var plan: Frame?
  private var planTimeout: Duration?
  private var outermost: Frame

  /// What is known of a block before its end is reached.
  fileprivate struct Frame {
    var block: BlockID
    /// When it begins, counted in the block around it.
    var startFirst = TimeBound.zero
    var startLater = TimeBound.zero
    /// When the last thing in it has ended.
    var bodyFirst = TimeBound.zero
    var bodyLater = TimeBound.zero
    /// What its handlers take.
    var handlersFirst = TimeBound.zero
    var handlersLater = TimeBound.zero
    /// How long it continues after everything in it was asked to end.
    var tailFirst = TimeBound.zero
    var tailLater = TimeBound.zero
    /// How many slots there are for what is directly inside; nil if there are enough.
    var slots: Int?
    /// The total time of everything that takes one.
    var sharedFirst = TimeBound.zero
    var sharedLater = TimeBound.zero

    init(_ block: BlockID) { self.block = block }
  }

  /// Computes it.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - work: how long its steps take.
  ///   - slots: which slots may be too few.
  ///   - sharing: whether to leave out the part of a step's time that `Waiting` counts for the
  ///     slots it holds over the whole run.
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

  /// The time of the whole run, with the time that waiting for slots adds.
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
  /// When the last thing in it has ended, including waiting for its own slots.
  fileprivate var body: (first: TimeBound, later: TimeBound) {
    guard let slots else { return (bodyFirst, bodyLater) }
    return (bodyFirst + sharedFirst / slots, bodyLater + sharedLater / slots)
  }

  /// Counts a step or block inside.
  ///
  /// If it takes one of too few slots, its times are reduced to the part that `shared` does not
  /// count already.
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
