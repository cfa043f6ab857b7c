import Execution
import PlanGraph

// What each start had to wait for, in one pass along the edges.
extension RunAudit {
  /// From which record on something has passed for what comes after it.
  private struct Mark {
    /// -1 for from the beginning on, `Int.max` for never.
    var offset = -1
    var record: Record?
    var node: NodeID?

    mutating func formMax(_ other: Mark) { if other.offset > offset { self = other } }
  }

  /// Looks at every start in a range of nodes, in one pass along the edges.
  mutating func judge(_ range: Range<Int>) {
    var marks = [Mark](repeating: Mark(), count: range.count)
    // By block: the last that was read of what stands in it, its handlers left out.
    var bodies: [UInt32: Mark] = [:]
    for index in range {
      let node = NodeID(UInt32(index))
      var mark = Mark()
      for before in graph.predecessors(node) where Int(before) >= range.lowerBound {
        mark.formMax(marks[Int(before) - range.lowerBound])
      }
      switch graph.nodes[index].kind {
      case .step:
        judgeStart(pasts[index].first, after: mark)
        // What no record has told of yet may still come, whatever the round since came to.
        mayHaveBegunUnseen[index] = mayHaveBegunUnseen[index] || mark.offset != .max
        mark.formMax(passing(node))
      case .blockBegin:
        let block = BlockID(graph.nodes[index].payload)
        let kind = graph.template(block).kind
        if kind == .onFailure || kind == .finally, graph[block].parent != .none {
          let owner = graph[graph[block].parent]
          if Int(owner.begin.index) >= range.lowerBound {
            mark.formMax(marks[Int(owner.begin.index) - range.lowerBound])
          }
          let body = bodies[graph[block].parent.index] ?? lastActivity(in: owner, below: node)
          bodies[graph[block].parent.index] = body
          mark.formMax(body)
        }
        judgeStart(entries[block.index], after: mark)
      case .blockEnd: mark = passing(BlockID(graph.nodes[index].payload), mark, marks, range)
      case .barrier, .join: break
      }
      marks[index - range.lowerBound] = mark
    }
  }

  private mutating func judgeStart(_ start: Record?, after mark: Mark) {
    guard let start, mark.offset >= start.offset else { return }
    report(Finding(rule: .early, record: start, other: mark.record, awaited: mark.node))
  }

  /// When a step has passed.
  private func passing(_ node: NodeID) -> Mark {
    let index = Int(node.index)
    let step = graph.steps[Int(graph.nodes[index].payload)]
    if let passed = pasts[index].passed {
      return Mark(offset: passed.offset, record: passed, node: node)
    }
    let isOpen =
      step.skipReason != nil || step.condition != nil || policy.passedOver[node] != nil
      || hasPassed[index] || assumed.contains(node)
    if isOpen, pasts[index].first == nil, !isToBeAskedAgain(node, step) { return Mark() }
    return Mark(offset: .max, record: pasts[index].last, node: node)
  }

  /// Whether a step has passed before the run was resumed, and nothing that relies on it may go on
  /// before it is asked again: a start, whose processes may have ended since.
  private func isToBeAskedAgain(_ node: NodeID, _ step: StepTemplate) -> Bool {
    guard lapse != .nothing, hasPassed[Int(node.index)], step.action == .start, !step.isOptional,
      step.skipReason == nil, step.condition == nil, policy.passedOver[node] == nil
    else { return false }
    var block = graph[node].block
    while block != .none {
      let template = graph.template(block)
      if template.isOptional || template.condition != nil || template.skipReason != nil
        || template.kind == .onFailure || template.kind == .finally
      {
        return false
      }
      block = graph[block].parent
    }
    // One whose processes were brought down since did what it was for.
    let subject = graph[node].subject
    return !stops.contains { stop in
      stop > node && isKnown[Int(stop.index)]
        && (graph.subjects.contains(subject, graph[stop].subject)
          || graph.subjects.contains(graph[stop].subject, subject))
    }
  }

  /// When a block has passed, or, where it may pass without its steps, is over.
  private func passing(
    _ block: BlockID,
    _ inside: Mark,
    _ marks: [Mark],
    _ range: Range<Int>
  ) -> Mark {
    let instance = graph[block]
    let template = graph.template(block)
    var mark = Mark()
    let begin = Int(instance.begin.index)
    if begin >= range.lowerBound { mark = marks[begin - range.lowerBound] }
    let activity = lastActivity(in: instance, below: instance.end)
    if template.skipReason != nil { return mark }
    if template.condition != nil, activity.record == nil { return mark }
    if template.isOptional {
      mark.formMax(activity)
      return mark
    }
    mark.formMax(inside)
    for (first, isFailure) in [(instance.onFailure, true), (instance.finally, false)] {
      var handler = first
      while handler != .none {
        let end = graph[handler].end
        // Nobody has to enter the one of a failure.
        if !isFailure || lastActivity(in: graph[handler], below: end).record != nil {
          mark.formMax(marks[Int(end.index) - range.lowerBound])
        }
        handler = graph[handler].next
      }
    }
    return mark
  }

  /// The last that was read of the steps of a block below a node.
  private func lastActivity(in block: BlockInstance, below node: NodeID) -> Mark {
    var mark = Mark()
    for index in Int(block.begin.index)..<Int(node.index) {
      guard let last = pasts[index].last, last.offset > mark.offset else { continue }
      mark = Mark(offset: last.offset, record: last, node: NodeID(UInt32(index)))
    }
    return mark
  }
}
