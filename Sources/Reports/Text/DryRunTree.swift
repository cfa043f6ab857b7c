package import PlanGraph
import PlanLanguage
package import Words

/// Writes a graph as a tree of phases, barriers and steps, in the order in which they run, at most
/// 80 columns wide.
package struct DryRunTree {
  private let graph: Graph
  private let names: NodeNames
  private let words: StepWords
  private let facts: StepFacts
  private let fold: Fold

  /// How much of a plan is shown.
  package enum Fold: Hashable, Sendable {
    case nothing
    /// The first steps of each phase, the rest counted.
    case steps(Int)
    /// A line for each phase and barrier.
    case phases
  }

  /// A plan with more steps than this shows fewer of each phase.
  private static let manySteps = 400
  /// How many lines about phases are shown at most.
  private static let mostPhases = 400

  private static let width = 80

  /// Makes the tree of a graph.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - fold: how much to show; nil for as much as a person can read.
  ///   - facts: what to show of each step.
  package init(_ graph: Graph, fold: Fold?, facts: StepFacts) {
    self.graph = graph
    self.fold = fold ?? Self.readable(graph)
    self.facts = facts
    names = NodeNames(graph)
    words = StepWords(graph)
  }

  /// How many subjects of a phase are shown before the rest is counted; nil for all.
  private var most: Int? { if case .steps(let most) = fold { most } else { nil } }

  private static func readable(_ graph: Graph) -> Fold {
    var steps: [Int] = []
    var node = graph.nodes.startIndex
    while node < graph.nodes.endIndex {
      let end = endOfSection(graph, from: node)
      steps.append(graph.nodes[node..<end].reduce(0) { $0 + ($1.kind == .step ? 1 : 0) })
      node = end
    }
    let fits = [20, 3].first { most in
      steps.reduce(0) { $0 + min($1, most) } <= manySteps
    }
    return fits.map { .steps($0) } ?? .phases
  }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    if fold == .phases { return writePhases(to: &output) }
    var node = graph.nodes.startIndex
    var hasSteps = Table<ItemID, Bool>(repeating: false, count: graph.items.count)
    while node < graph.nodes.endIndex {
      let end = Self.endOfSection(graph, from: node)
      writeSection(node..<end, to: &output)
      if graph.nodes[node..<end].contains(where: { $0.kind == .step }) {
        hasSteps[graph.item(node)] = true
      }
      node = end
    }
    writeIdlePhases(hasSteps, to: &output)
  }

  /// Writes the comment of a plan or phase and keeps its paragraphs.
  package static func writeDocumentation(_ text: String, to output: inout TextOutput) {
    var paragraph = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !line.isEmpty {
        paragraph += " " + line
        continue
      }
      put(paragraph, to: &output)
      output.line("  #")
      paragraph = ""
    }
    put(paragraph, to: &output)
  }

  private static func put(_ paragraph: String, to output: inout TextOutput) {
    for line in wrapped(safeForTerminal(paragraph), width: width - 4) { output.line("  # \(line)") }
  }

  /// Names the phases for which there is no script and no process, so that no one searches for
  /// them.
  private func writeIdlePhases(_ hasSteps: Table<ItemID, Bool>, to output: inout TextOutput) {
    let idle = graph.items.indices.filter { graph.items[$0].kind == .phase && !hasSteps[$0] }
    if idle.isEmpty { return }
    output.line("nothing to do, no matching scripts or processes:")
    for line in wrapped(idle.map { graph.items[$0].name }.joined(separator: ", "), width: 76) {
      output.line("  \(line)")
    }
    output.line()
  }

  /// The end of a section: what one item does to one deployment job, or a barrier on one subject.
  private static func endOfSection(_ graph: Graph, from first: NodeID) -> NodeID {
    let item = graph.item(first)
    let job = deploymentJob(graph, first)
    var end = first.advanced(by: 1)
    while end < graph.nodes.endIndex, graph.item(end) == item, deploymentJob(graph, end) == job {
      end = end.advanced(by: 1)
    }
    return end
  }

  private static func deploymentJob(_ graph: Graph, _ node: NodeID) -> SubjectID {
    let subject = graph[node].subject
    return graph.subjects.ancestor(of: subject, at: .deploymentJob) ?? subject
  }

  private func writeSection(_ range: Range<NodeID>, to output: inout TextOutput) {
    let item = graph.items[graph.item(range.lowerBound)]
    switch item.kind {
    case .barrier: writeBarriers(range, item, to: &output)
    case .phase, .rollout, .planHandlers: writePhase(range, item, to: &output)
    }
  }

  private func writeBarriers(_ range: Range<NodeID>, _ item: GraphItem, to output: inout TextOutput)
  {
    let limit = most ?? .max
    for node in range.prefix(limit) {
      let path = graph.subjects.path(graph[node].subject)
      output.line(shortened("\(item.name)\(path.isEmpty ? "" : " of \(path)")", to: Self.width))
      writeWaits(node, indent: 2, label: "for", to: &output)
    }
    if range.count > limit {
      output.line("and \(range.count - limit) more like it")
    }
    output.line()
  }

  private func writePhase(_ range: Range<NodeID>, _ item: GraphItem, to output: inout TextOutput) {
    let steps = range.reduce(0) { $0 + (graph[$1].kind == .step ? 1 : 0) }
    if steps == 0 { return }
    output.line(shortened(heading(range, item, steps), to: Self.width))
    if let documentation = item.documentation {
      Self.writeDocumentation(documentation, to: &output)
    }
    let limit = most ?? .max
    var shown = 0
    for node in range where graph[node].kind == .step {
      if shown == limit {
        output.line("  and \(steps - shown) more; --all shows them")
        break
      }
      writeStep(node, to: &output)
      shown += 1
    }
    output.line()
  }

  private func heading(_ range: Range<NodeID>, _ item: GraphItem, _ steps: Int) -> String {
    let job = graph.subjects.path(Self.deploymentJob(graph, range.lowerBound))
    let title =
      switch item.kind {
      case .planHandlers: "handlers of the plan"
      case .rollout: "handlers of the rollout"
      case .phase, .barrier: "phase \(item.name)"
      }
    let whose = job.isEmpty ? "" : " of \(job)"
    return "\(title)\(whose): \(counted(steps, "step"))"
  }

  /// A line for each phase and barrier, and how to see more.
  private func writePhases(to output: inout TextOutput) {
    var node = graph.nodes.startIndex
    var lines = 0
    var left = (phases: 0, steps: 0)
    while node < graph.nodes.endIndex {
      let end = Self.endOfSection(graph, from: node)
      let range = node..<end
      node = end
      let item = graph.items[graph.item(range.lowerBound)]
      let steps = range.reduce(0) { $0 + (graph[$1].kind == .step ? 1 : 0) }
      if item.kind != .barrier, steps == 0 { continue }
      if lines == Self.mostPhases {
        left.phases += item.kind == .barrier ? 0 : 1
        left.steps += steps
        continue
      }
      lines += 1
      if item.kind == .barrier {
        let times = range.count > 1 ? ", \(range.count) times" : ""
        output.line(shortened("  \(item.name)\(times)", to: Self.width))
      } else {
        output.line(shortened(heading(range, item, steps), to: Self.width))
      }
    }
    if left.phases > 0 {
      output.line("and \(counted(left.phases, "more phase")) with \(counted(left.steps, "step"))")
    }
    output.line()
    output.line("There are many phases, so only their names are shown. --all shows every step,")
    output.line("--format html draws a page to explore, --format json has everything.")
  }

  private func writeStep(_ node: NodeID, to output: inout TextOutput) {
    let subject = names.subject(node)
    let phase = names.phase(node)
    let hash = phase.utf8.firstIndex(of: UInt8(ascii: "#"))
    let statement = hash.map { phase[phase.index(after: $0)...] }
    let heading = statement.map { "\(subject) \($0)" } ?? subject
    output.line("  \(shortened(heading, to: Self.width - 2))")
    for fact in facts.facts(node) { field(fact.label, fact.text, to: &output) }
  }

  private static let labelWidth = 10

  private func field(_ label: String, _ text: String, to output: inout TextOutput) {
    for (index, line) in Self.lines(text).enumerated() {
      output.blanks(4)
      output.put(index == 0 ? label : "")
      output.blanks(Self.labelWidth - (index == 0 ? label.utf8.count : 0))
      output.line(line)
    }
  }

  /// A command of several lines keeps its lines and their indentation.
  private static func lines(_ text: String) -> [String] {
    // Nearly every text is one line, and checking for that is quick.
    if text.utf8.first != UInt8(ascii: " "), !text.utf8.contains(UInt8(ascii: "\n")) {
      return wrapped(safeForTerminal(text), width: width - 4 - labelWidth)
    }
    return text.split(separator: "\n").flatMap { line in
      let margin = String(line.prefix { $0 == " " }.prefix(20))
      let width = Self.width - 4 - labelWidth - margin.utf8.count
      return wrapped(safeForTerminal(String(line)), width: width).map { margin + $0 }
    }
  }

  private func writeWaits(
    _ node: NodeID,
    indent: Int,
    label: String,
    to output: inout TextOutput
  ) {
    let text = words.waits(node)
    let lines = wrapped(safeForTerminal(text), width: Self.width - indent - Self.labelWidth)
    for (index, line) in lines.enumerated() {
      output.blanks(indent)
      output.put(index == 0 ? label : "")
      output.blanks(Self.labelWidth - (index == 0 ? label.utf8.count : 0))
      output.line(line)
    }
  }
}
