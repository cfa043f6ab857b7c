import Analysis
import Clock
import PlanGraph

extension RandomRun {
  /// Everything about a run, for the analysis of a broken rule.
  package var story: String {
    var lines = [subject.text, "\(policy)"]
    let graph = subject.graph
    for node in graph.nodes.indices {
      let plain = graph.step(node)?.isIdempotent == false ? " not idempotent" : ""
      lines.append(
        "\(node.index) \(graph.name(node)) \(graph[node].kind) in block \(graph[node].block.index) after "
          + "\(Array(graph.predecessors(node)))\(plain)"
      )
    }
    var record = 0
    for entry in trace {
      let moment = "\(entry.moment.nanoseconds / 1_000_000) ms:"
      switch entry.occurrence {
      case .event(let event, let decided):
        record += 1
        lines.append("\(moment) record \(record): \(event)")
        lines += decided.map { "    \($0)" }
      case .interrupted(let kept, let lapse):
        record = Int(kept)
        lines.append("\(moment) interrupted, \(kept) records are left; \(lapse)")
      default: lines.append("\(moment) \(entry.occurrence)")
      }
    }
    return (lines + complaints).joined(separator: "\n")
  }
}
