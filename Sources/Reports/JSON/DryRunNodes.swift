import Execution
import PlanGraph
import PlanLanguage
import Words

/// Writes the nodes of a dry-run's JSON document: up to millions of them, so names are put together
/// from texts that were escaped once.
struct DryRunNodes {
  private let graph: Graph
  private let sources: DryRunJSON.Sources
  private let words: StepWords
  /// By subject: its path.
  private let paths: JSONTexts
  /// By item: its name and a colon.
  private let items: JSONTexts
  /// By step template: `#` and its name.
  private let statements: JSONTexts
  /// By step template: the stem of its logs; empty for none.
  private let stems: JSONTexts
  /// Whether something in or around a block may keep a step from running.
  private let isUncertain: Table<BlockID, Bool>

  init(_ graph: Graph, _ sources: DryRunJSON.Sources, _ words: StepWords) {
    self.graph = graph
    self.sources = sources
    self.words = words
    paths = JSONTexts(graph.subjects.indices.lazy.map(graph.subjects.path))
    items = JSONTexts(graph.items.lazy.map { $0.name + ":" })
    statements = JSONTexts(graph.steps.lazy.map { "#" + $0.name })
    stems = JSONTexts(graph.steps.indices.lazy.map { sources.logStem($0) ?? "" })
    var isUncertain: Table<BlockID, Bool> = []
    for block in graph.blocks {
      let template = graph.blockTemplates[block.template]
      isUncertain.append(
        template.skipReason != nil || template.condition != nil || template.kind == .onFailure
          || block.parent != .none && isUncertain[block.parent]
      )
    }
    self.isUncertain = isUncertain
  }

  func write(_ json: inout JSONWriter) {
    json.name("nodes")
    json.array { json in
      for node in graph.nodes.indices {
        json.lineBreak()
        json.object { write(node, &$0) }
      }
    }
  }

  private func write(_ node: NodeID, _ json: inout JSONWriter) {
    let entry = graph[node]
    json.field("id", Int(node.index))
    json.field("kind", entry.kind.word)
    json.name("name")
    json.text { text in
      if entry.kind == .step {
        text.put(items, Int(graph.item(node).index))
        text.put(paths, Int(entry.subject.index))
        text.put(statements, Int(entry.template.index))
      } else {
        text.put(graph.name(node))
      }
    }
    json.name("subject")
    json.text { $0.put(paths, Int(entry.subject.index)) }
    json.field("block", entry.block == .none ? nil : Int(entry.block.index))
    if entry.kind == .step { writeStep(node, entry, &json) }
    json.name("waits_for")
    json.array { json in for other in graph.predecessors(node) { json.value(other.index) } }
    json.name("then")
    json.array { json in for other in graph.successors(node) { json.value(other.index) } }
  }

  private func writeStep(_ node: NodeID, _ entry: Node, _ json: inout JSONWriter) {
    let template = Int(entry.template.index)
    json.field("statement", template)
    let fate = fate(node, entry)
    switch fate {
    case .runs: json.field("state", "runs")
    case .skipped: json.field("state", "skipped")
    case .unknown: json.field("state", "unknown")
    }
    if let reason = fate.reason { json.field("reason", reason) }
    if let script = sources.script(node) { json.field("script", script) }
    if !stems.isEmpty(template) {
      json.name("stdout")
      json.text { putLog(entry, ".stdout.log", &$0) }
      json.name("stderr")
      json.text { putLog(entry, ".stderr.log", &$0) }
    }
    if let overlay = sources.overlay {
      json.name("run")
      Self.write(overlay.steps[node], &json)
    }
  }

  private func putLog(_ entry: Node, _ end: String, _ text: inout JSONText) {
    text.put(sources.logsPath)
    text.put("/")
    let isOfReleaseJob = graph.subjects.scope(entry.subject) == .releaseJob
    text.put(isOfReleaseJob ? graph.subjects.name(entry.subject) : "lockstep")
    text.put("/")
    text.put(stems, Int(entry.template.index))
    text.put(end)
  }

  private func fate(_ node: NodeID, _ entry: Node) -> StepFate {
    let step = entry.template
    if graph.steps[step].skipReason == nil, graph.steps[step].condition == nil,
      entry.block == .none || !isUncertain[entry.block], sources.passedOver.isEmpty
    {
      return .runs
    }
    return words.fate(node, passedOver: sources.passedOver)
  }

  private static func write(_ step: RunOverlay.Step?, _ json: inout JSONWriter) {
    guard let step else { return json.null() }
    json.object {
      $0.field("state", step.state.word)
      $0.field("attempts", step.attempts)
      $0.field("started", step.started)
      $0.field("duration", step.duration)
      $0.field("failure", step.failure)
    }
  }
}
