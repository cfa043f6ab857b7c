package import Execution
package import PlanGraph
import PlanLanguage
import Words

/// All that is known about a step before it runs, as texts with labels.
package struct StepFacts {
  /// A text and its label.
  package struct Fact: Hashable, Sendable {
    package var label: String
    package var text: String
  }

  /// What a dry-run knows in addition to the graph.
  package struct Sources {
    package var passedOver: [NodeID: RunPolicy.PassOver]
    package var overlay: RunOverlay?
    package var placement: (NodeID) -> StepPlacement
    package var script: (NodeID) -> ScriptFacts?

    /// Makes the sources.
    package init(
      passedOver: [NodeID: RunPolicy.PassOver] = [:],
      overlay: RunOverlay? = nil,
      placement: @escaping (NodeID) -> StepPlacement,
      script: @escaping (NodeID) -> ScriptFacts? = { _ in nil }
    ) {
      self.passedOver = passedOver
      self.overlay = overlay
      self.placement = placement
      self.script = script
    }
  }

  private let graph: Graph
  private let words: StepWords
  private let sources: Sources
  private let isDetailed: Bool
  /// The lines of the plan's files; empty if the facts have no line numbers.
  private let lines: [LineTable]

  /// Prepares to list the facts.
  ///
  /// - Parameters:
  ///   - graph: the graph of the steps.
  ///   - sources: what else is known.
  ///   - isDetailed: whether to list everything, or only what a reader of many steps wants to see.
  package init(_ graph: Graph, _ sources: Sources, isDetailed: Bool) {
    self.graph = graph
    self.sources = sources
    self.isDetailed = isDetailed
    lines = isDetailed ? graph.sources.map { LineTable($0) } : []
    words = StepWords(graph)
  }

  /// Whether a step would run.
  package func fate(_ node: NodeID) -> StepFate {
    words.fate(node, passedOver: sources.passedOver)
  }

  /// The facts of a step.
  package func facts(_ node: NodeID) -> [Fact] {
    guard let step = graph.step(node) else { return [] }
    var facts: [Fact] = []
    func add(_ label: String, _ text: String?) {
      if let text, !text.isEmpty { facts.append(Fact(label: label, text: text)) }
    }
    add("recorded", sources.overlay?.words(node))
    let fate = fate(node)
    if case .skipped(let reason) = fate {
      add("skipped", reason)
      if !isDetailed { return facts }
    }
    let place = sources.placement(node)
    if isDetailed { add("does", step.documentation) }
    add("runs", place.runs)
    if isDetailed {
      if let script = sources.script(node) {
        add("script", script.words)
        add("sha256", script.sha256)
      } else if let vector = place.vector, place.scriptPath == nil {
        add("arguments", vector.map { "[\($0)]" }.joined(separator: " "))
      }
    }
    add("logs", place.logs)
    if case .unknown(let reason) = fate, isDetailed { add("unknown", reason) }
    add("in", words.context(of: node))
    add("waits for", words.waits(node, most: isDetailed ? 20 : 5))
    if isDetailed { add("then", words.followers(node, most: 20)) }
    add("rules", words.rules(step))
    let variables = step.foundEnvironment(persistentDisk: place.persistentDisk).map {
      "\($0.name)=\($0.isSecret ? $0.shown : shellWord($0.shown))"
    }
    add("env", variables.joined(separator: " "))
    if isDetailed { add("at", origin(step)) }
    return facts
  }

  private func origin(_ step: StepTemplate) -> String? {
    let file = step.location.file.index
    guard lines.indices.contains(file) else { return nil }
    let source = graph.sources[file]
    let position = lines[file].position(of: step.location.span.start, in: source)
    return "\(source.name), line \(position.line)"
  }
}
