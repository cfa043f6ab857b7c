import Execution
import PlanGraph

// What each start had to wait for, in one pass along the edges.
extension RunAudit {
  /// The record from which on something counts as passed for what comes after it.
  private struct Mark {
    /// -1: from the beginning on.
    ///
    /// `Int.max`: never.
    var offset = -1
    var record: Record?
    var node: NodeID?

    mutating func formMax(_ other: Mark) { if other.offset > offset { self = other } }
  }

  /// The marks of a range of nodes.
  private struct Marks {
    let range: Range<NodeID>
    private var marks: [Mark]

    init(_ range: Range<NodeID>) {
      self.range = range
      marks = Array(repeating: Mark(), count: range.count)
    }

    subscript(node: NodeID) -> Mark {
      get { marks[range.lowerBound.distance(to: node)] }
      set { marks[range.lowerBound.distance(to: node)] = newValue }
    }
  }

  /// Checks every start in a range of nodes, in one pass along the edges.
  mutating func judge(_ range: Range<NodeID>) {
    var marks = Marks(range)
    // The last record read of anything in a block, its handlers left out.
    var bodies: [BlockID: Mark] = [:]
    for node in range {
      var mark = Mark()
      for before in graph.predecessors(node) where before >= range.lowerBound {
        mark.formMax(marks[before])
      }
      switch graph[node].kind {
      case .step:
        judgeStart(pasts[node].first, after: mark)
        // Everything before the step has passed, so an attempt without a record may have begun. Its
        // end may be recorded in a later round.
        mayHaveBegunUnseen[node] = mayHaveBegunUnseen[node] || mark.offset != .max
        mark.formMax(passing(node))
      case .blockBegin:
        let block = graph[node].block
        let kind = graph.template(block).kind
        if kind.isHandler, graph[block].parent != .none {
          let owner = graph[graph[block].parent]
          if owner.begin >= range.lowerBound {
            mark.formMax(marks[owner.begin])
          }
          let body = bodies[graph[block].parent] ?? lastActivity(in: owner, below: node)
          bodies[graph[block].parent] = body
          mark.formMax(body)
        }
        judgeStart(entries[block], after: mark)
      case .blockEnd: mark = passing(graph[node].block, mark, marks)
      case .barrier, .join: break
      }
      marks[node] = mark
    }
  }

  private mutating func judgeStart(_ start: Record?, after mark: Mark) {
    guard let start, mark.offset >= start.offset else { return }
    report(Finding(rule: .early, record: start, other: mark.record, awaited: mark.node))
  }

  /// When a step has passed.
  private func passing(_ node: NodeID) -> Mark {
    let step = graph.steps[graph[node].template]
    if let passed = pasts[node].passed {
      return Mark(offset: passed.offset, record: passed, node: node)
    }
    let isOpen =
      step.skipReason != nil || step.condition != nil || policy.passedOver[node] != nil
      || hasPassed[node] || assumed.contains(node)
    if isOpen, pasts[node].first == nil, !isToBeAskedAgain(node, step) { return Mark() }
    return Mark(offset: .max, record: pasts[node].last, node: node)
  }

  /// Whether a step passed before the run was resumed, but has to run again before anything that
  /// relies on it: a start, whose processes may have ended since.
  private func isToBeAskedAgain(_ node: NodeID, _ step: StepTemplate) -> Bool {
    guard lapse != .nothing, hasPassed[node], step.action == .start, !step.isOptional,
      step.skipReason == nil, step.condition == nil, policy.passedOver[node] == nil
    else { return false }
    for block in graph.blocks(around: node) {
      let template = graph.template(block)
      if template.isOptional || template.condition != nil || template.skipReason != nil
        || template.kind.isHandler
      {
        return false
      }
    }
    // A start whose processes were stopped since has served its purpose.
    let subject = graph[node].subject
    return !stops.contains { stop in
      stop > node && isKnown[stop]
        && (graph.subjects.contains(subject, graph[stop].subject)
          || graph.subjects.contains(graph[stop].subject, subject))
    }
  }

  /// When a block has passed.
  ///
  /// If it may pass without its steps: when it is over.
  private func passing(
    _ block: BlockID,
    _ inside: Mark,
    _ marks: Marks
  ) -> Mark {
    let instance = graph[block]
    let template = graph.template(block)
    var mark = Mark()
    if instance.begin >= marks.range.lowerBound { mark = marks[instance.begin] }
    let activity = lastActivity(in: instance, below: instance.end)
    if template.skipReason != nil { return mark }
    if template.condition != nil, activity.record == nil { return mark }
    if template.isOptional {
      mark.formMax(activity)
      return mark
    }
    mark.formMax(inside)
    for (first, isFailure) in [(instance.onFailure, true), (instance.finally, false)] {
      for handler in graph.handlers(from: first) {
        let end = graph[handler].end
        // An `on failure` handler need not be entered.
        if !isFailure || lastActivity(in: graph[handler], below: end).record != nil {
          mark.formMax(marks[end])
        }
      }
    }
    return mark
  }

  /// The last record read of the block's steps before a node.
  private func lastActivity(in block: BlockInstance, below node: NodeID) -> Mark {
    var mark = Mark()
    for other in block.begin..<node {
      guard let last = pasts[other].last, last.offset > mark.offset else { continue }
      mark = Mark(offset: last.offset, record: last, node: other)
    }
    return mark
  }
}
