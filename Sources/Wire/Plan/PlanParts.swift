package import PlanGraph
import PlanLanguage
import Words

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
  /// - Returns: the parts, at least one; each fits in a frame.
  /// - Throws: which step is too large for a frame.
  package func parts(
    for instances: [SubjectID],
    nodes: [NodeID]
  ) throws(WireFailure) -> [PlanPart] {
    var cut = Cut(graph.planName)
    for instance in instances {
      for subject in graph.subjects.subtree(instance) { try add(subject, to: &cut) }
    }
    for item in graph.items {
      try cut.fit(item.name.utf8.count + 50)
      cut.part.items.append(PlanPart.Item(name: item.name, scope: item.scope))
    }
    var sent: Set<StepTemplateID> = []
    for node in nodes {
      let entry = graph[node]
      if sent.insert(entry.template).inserted {
        let step = graph.steps[entry.template]
        let stem = stem(entry.template)
        try cut.fit(Self.size(of: step) + (stem?.utf8.count ?? 0))
        cut.part.templates.append(PlanPart.Template(id: entry.template, step: step, stem: stem))
        cut.step = graph.name(node)
      }
      try add(entry.subject, to: &cut)
      try cut.fit(80)
      cut.part.steps.append(
        PlanPart.Step(
          node: node,
          template: entry.template,
          subject: cut.places[entry.subject] ?? 0,
          isCertain: isCertain(node)
        )
      )
    }
    return try cut.finished()
  }

  private func add(_ subject: SubjectID, to cut: inout Cut) throws(WireFailure) {
    if cut.places[subject] != nil { return }
    let parent = graph.subjects.parent(subject)
    try add(parent, to: &cut)
    let name = graph.subjects.name(subject)
    try cut.fit(name.utf8.count + 40)
    cut.part.subjects.append(
      PlanPart.Subject(name: name, parent: cut.places[parent] ?? 0)
    )
    cut.places[subject] = UInt32(cut.places.count)
  }

  /// The parts so far, and the one that is being filled.
  private struct Cut {
    var parts: [PlanPart] = []
    var part: PlanPart
    var places: [SubjectID: UInt32] = [.deployment: 0]
    /// The name of the last step of which the template was added.
    var step: String?
    private var size: Int
    private var isEmpty = true

    init(_ name: String) {
      part = PlanPart(name: name)
      size = 80 + name.utf8.count
    }

    /// Makes room for something that takes about so many bytes.
    mutating func fit(_ more: Int) throws(WireFailure) {
      if !isEmpty, size + more > PlanParts.goodSize {
        parts.append(try checked())
        part = PlanPart(name: part.name)
        size = 80 + part.name.utf8.count
      }
      size += more
      isEmpty = false
    }

    /// The part, if it fits in a frame.
    ///
    /// No byte takes more than six when it is written, so only a part with something large in it can
    /// be too long.
    private func checked() throws(WireFailure) -> PlanPart {
      if size <= PlanParts.goodSize { return part }
      let length = JSONWriter.bytes { json in
        json.object { json in
          json.field("type", "plan")
          part.write(&json)
        }
      }.count
      if length <= WireProtocol.mostPayload { return part }
      let isStep = !part.templates.isEmpty
      let what = isStep ? step.map { "the step \(shortened($0, to: 80))" } : nil
      throw WireFailure(
        "\(what ?? "a name") is too long to be sent to a host: it takes \(length) bytes, and "
          + "\(WireProtocol.mostPayload) are the most"
      )
    }

    mutating func finished() throws(WireFailure) -> [PlanPart] {
      part.isLast = true
      return parts + [try checked()]
    }
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
    let condition = step.condition.map { size(of: $0) } ?? 0
    return 400 + step.name.utf8.count + words + environment + condition
      + (step.skipReason?.utf8.count ?? 0)
  }

  private static func size(of condition: RuntimeCondition) -> Int {
    switch condition {
    case .exists(let path): path.utf8.count + 12
    case .not(let inner): size(of: inner) + 6
    case .all(let inner), .any(let inner): inner.reduce(20) { $0 + size(of: $1) }
    }
  }
}
