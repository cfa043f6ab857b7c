package import PlanGraph

/// Names of nodes for people: as short as they can be without losing their meaning.
package struct NodeNames: Sendable {
  private let graph: Graph
  /// By item: whether its subjects have one step each, so that the step needs no name of its own.
  private let isSingle: Table<ItemID, Bool>

  /// Makes the names for a graph.
  package init(_ graph: Graph) {
    self.graph = graph
    var templates = Table<ItemID, Int>(repeating: 0, count: graph.items.count)
    for (id, step) in zip(graph.steps.indices, graph.steps) where graph.statement(id) == id {
      templates[step.item] += 1
    }
    isSingle = Table(zip(templates, graph.items).map { $0 == 1 && $1.kind == .phase })
  }

  /// The phase's name; for a step of a phase with several, followed by `#` and the statement.
  package func phase(_ node: NodeID) -> String {
    if let step = graph.step(node) { return phase(of: step) }
    return graph.items[graph.item(node)].name
  }

  /// The same for all nodes of a step.
  package func phase(of step: StepTemplate) -> String {
    let name = graph.items[step.item].name
    return isSingle[step.item] ? name : "\(name)#\(step.name)"
  }

  /// The subject's path; `deployment` for the whole deployment.
  package func subject(_ node: NodeID) -> String {
    let path = graph.subjects.path(graph[node].subject)
    return path.isEmpty ? "deployment" : path
  }

  /// Phase and subject, as the command line accepts them: `pre-start:vm/0/web`.
  package func full(_ node: NodeID) -> String {
    let path = graph.subjects.path(graph[node].subject)
    let name = phase(node)
    if path.isEmpty { return name }
    guard let hash = name.utf8.firstIndex(of: UInt8(ascii: "#")) else { return "\(name):\(path)" }
    return "\(name[..<hash]):\(path)\(name[hash...])"
  }

  /// What the steps of a phase are, for a sentence: `pre-start scripts`, `start steps`.
  package func kind(of template: StepTemplate, count: Int) -> String {
    switch template.action {
    case .script(let name): count == 1 ? "\(name) script" : "\(name) scripts"
    case .run: "\(template.name) \(count == 1 ? "command" : "commands")"
    case .wait, .start, .stop, .startUnits, .stopUnits, .unmonitor, .drain:
      "\(template.name) \(count == 1 ? "step" : "steps")"
    }
  }
}
