package import PlanGraph
import PlanLanguage

/// Cuts what each VM has to know out of a graph.
package struct PlanParts {
  private let graph: Graph
  /// The beginning of the names of a template's logs.
  private let stem: (StepTemplateID) -> String?
  private let isCertain: (NodeID) -> Bool

  /// About how many bytes a part should have when it is written.
  private static let goodSize = WireProtocol.goodPayload

  /// Prepares the cutting.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - stem: the beginning of the names of a template's logs; nil if it has none.
  ///   - isCertain: whether a step certainly runs if everything before it succeeds.
  package init(
    _ graph: Graph,
    stem: @escaping (StepTemplateID) -> String?,
    isCertain: @escaping (NodeID) -> Bool
  ) {
    self.graph = graph
    self.stem = stem
    self.isCertain = isCertain
  }

  /// Cuts out the plan of one VM.
  ///
  /// - Parameters:
  ///   - instances: those that are on the VM, ascending.
  ///   - nodes: the steps that run there, ascending; each is on a subject inside these instances or
  ///     around one of them.
  /// - Returns: the parts, at least one.
  /// - Throws: which step is too long to be sent.
  package func parts(
    for instances: [SubjectID],
    nodes: [NodeID]
  ) throws(WireFailure) -> [PlanPart] {
    var parts: [PlanPart] = []
    var part = PlanPart(name: graph.planName)
    var places: [SubjectID: UInt32] = [.deployment: 0]
    var size = 0
    func fit(_ more: Int) {
      size += more
      guard size > Self.goodSize else { return }
      parts.append(part)
      part = PlanPart(name: graph.planName)
      size = more
    }
    func add(_ subject: SubjectID) {
      if places[subject] != nil { return }
      let parent = graph.subjects.parent(subject)
      add(parent)
      let name = graph.subjects.name(subject)
      fit(name.utf8.count + 30)
      part.subjects.append(PlanPart.Subject(name: name, parent: places[parent] ?? 0))
      places[subject] = UInt32(places.count)
    }
    for instance in instances {
      for subject in graph.subjects.subtree(instance) { add(subject) }
    }
    for item in graph.items {
      fit(item.name.utf8.count + 30)
      part.items.append(PlanPart.Item(name: item.name, scope: item.scope))
    }
    var sent: Set<StepTemplateID> = []
    for node in nodes {
      let template = graph[node].template
      if sent.insert(template).inserted {
        let step = graph.steps[template]
        let size = Self.size(of: step)
        // Escapes may make each byte six.
        if size > WireProtocol.mostPayload / 7 {
          throw WireFailure("the step \(graph.name(node)) is too long to be sent to a host")
        }
        fit(size)
        part.templates.append(PlanPart.Template(id: template, step: step, stem: stem(template)))
      }
      fit(60)
      part.steps.append(
        PlanPart.Step(
          node: node,
          template: template,
          subject: places[graph[node].subject] ?? 0,
          isCertain: isCertain(node)
        )
      )
    }
    part.isLast = true
    parts.append(part)
    return parts
  }

  /// About how many bytes a step takes when it is written.
  private static func size(of step: StepTemplate) -> Int {
    let words: Int
    switch step.action {
    case .run(let command), .wait(.command(let command)):
      words = command.vector.reduce(0) { $0 + $1.utf8.count + 4 }
    case .script(let name): words = name.utf8.count
    case .startUnits(let names), .stopUnits(let names), .drain(let names):
      words = names.reduce(0) { $0 + $1.utf8.count + 4 }
    case .wait(.tcp(let text)), .wait(.file(let text)): words = text.utf8.count
    case .start, .stop, .unmonitor: words = 0
    }
    let environment = step.environment.reduce(0) {
      $0 + $1.name.utf8.count + $1.value.utf8.count + 40
    }
    return 300 + step.name.utf8.count + words + environment
  }
}
