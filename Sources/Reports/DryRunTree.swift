package import Execution
package import PlanGraph
import PlanLanguage

/// Where and how a step would run, in words, as the machine's side knows it.
package struct StepPlacement: Sendable {
  /// What would be executed.
  package var runs: String
  /// The log files; nil where it writes none.
  package var logs: String?

  /// Makes a placement.
  package init(runs: String, logs: String?) {
    self.runs = runs
    self.logs = logs
  }
}

/// Writes a graph as a tree of phases, barriers and steps, in the order of execution, for a terminal
/// of 80 columns.
package struct DryRunTree {
  private let graph: Graph
  private let names: NodeNames
  private let placement: (NodeID) -> StepPlacement
  /// How many subjects of a phase are shown before the rest is counted; nil for all.
  private let most: Int?
  private let passedOver: [NodeID: RunPolicy.PassOver]

  private static let width = 80

  /// Makes the tree of a graph; steps that are passed over are shown with the reason alone.
  package init(
    _ graph: Graph,
    most: Int?,
    passedOver: [NodeID: RunPolicy.PassOver] = [:],
    placement: @escaping (NodeID) -> StepPlacement
  ) {
    self.graph = graph
    self.most = most
    self.passedOver = passedOver
    self.placement = placement
    names = NodeNames(graph)
  }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    var index = 0
    var hasSteps = [Bool](repeating: false, count: graph.items.count)
    while index < graph.count {
      let end = endOfSection(from: index)
      writeSection(index..<end, to: &output)
      if graph.nodes[index..<end].contains(where: { $0.kind == .step }) {
        hasSteps[Int(graph.item(NodeID(UInt32(index))).index)] = true
      }
      index = end
    }
    writeIdlePhases(hasSteps, to: &output)
  }

  /// Writes the comment of a plan or phase, its paragraphs kept.
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

  /// Names the phases for which nobody has a script or a process, lest one is looked for in vain.
  private func writeIdlePhases(_ hasSteps: [Bool], to output: inout TextOutput) {
    let idle = graph.items.indices.filter { graph.items[$0].kind == .phase && !hasSteps[$0] }
    if idle.isEmpty { return }
    output.line("nothing to do, for want of such scripts or processes:")
    for line in wrapped(idle.map { graph.items[$0].name }.joined(separator: ", "), width: 76) {
      output.line("  \(line)")
    }
    output.line()
  }

  /// A section is what one item does to one deployment job, or a barrier on one subject.
  private func endOfSection(from start: Int) -> Int {
    let first = NodeID(UInt32(start))
    let item = graph.item(first)
    let job = deploymentJob(first)
    var end = start + 1
    while end < graph.count {
      let node = NodeID(UInt32(end))
      if graph.item(node) != item || deploymentJob(node) != job { break }
      end += 1
    }
    return end
  }

  private func deploymentJob(_ node: NodeID) -> SubjectID {
    let subject = graph[node].subject
    return graph.subjects.ancestor(of: subject, at: .deploymentJob) ?? subject
  }

  private func writeSection(_ range: Range<Int>, to output: inout TextOutput) {
    let first = NodeID(UInt32(range.lowerBound))
    let item = graph.items[Int(graph.item(first).index)]
    switch item.kind {
    case .barrier: writeBarriers(range, item, to: &output)
    case .phase, .rollout, .planHandlers: writePhase(range, item, to: &output)
    }
  }

  private func writeBarriers(_ range: Range<Int>, _ item: GraphItem, to output: inout TextOutput) {
    let limit = most ?? .max
    for index in range.prefix(limit) {
      let node = NodeID(UInt32(index))
      let path = graph.subjects.path(graph[node].subject)
      output.line(shortened("\(item.name)\(path.isEmpty ? "" : " of \(path)")", to: Self.width))
      writeWaits(node, indent: 2, label: "for", to: &output)
    }
    if range.count > limit {
      output.line("and \(range.count - limit) more like it")
    }
    output.line()
  }

  private func writePhase(_ range: Range<Int>, _ item: GraphItem, to output: inout TextOutput) {
    let steps = range.reduce(0) { $0 + (graph.nodes[$1].kind == .step ? 1 : 0) }
    if steps == 0 { return }
    let job = graph.subjects.path(deploymentJob(NodeID(UInt32(range.lowerBound))))
    let title =
      switch item.kind {
      case .planHandlers: "handlers of the plan"
      case .rollout: "rollout"
      case .phase, .barrier: "phase \(item.name)"
      }
    let whose = job.isEmpty ? "" : " of \(job)"
    output.line(shortened("\(title)\(whose): \(counted(steps, "step"))", to: Self.width))
    if let documentation = item.documentation {
      Self.writeDocumentation(documentation, to: &output)
    }
    let limit = most ?? .max
    var shown = 0
    for index in range where graph.nodes[index].kind == .step {
      if shown == limit {
        output.line("  and \(steps - shown) more; --all shows them")
        break
      }
      writeStep(NodeID(UInt32(index)), to: &output)
      shown += 1
    }
    output.line()
  }

  private func writeStep(_ node: NodeID, to output: inout TextOutput) {
    let template = Int(graph[node].payload)
    let subject = names.subject(node)
    let phase = names.phase(node)
    let statement = phase.firstIndex(of: "#").map { String(phase[phase.index(after: $0)...]) }
    let heading = statement.map { "\(subject) \($0)" } ?? subject
    output.line("  \(shortened(heading, to: Self.width - 2))")
    if let reason = graph.steps[template].skipReason ?? passedOver[node]?.words {
      field("skipped", reason, to: &output)
      return
    }
    let place = placement(node)
    field("runs", place.runs, to: &output)
    if let logs = place.logs { field("logs", logs, to: &output) }
    if let context = block(of: node) { field("in", context, to: &output) }
    writeWaits(node, indent: 4, label: "waits for", to: &output)
    let rules = rules(template)
    if !rules.isEmpty { field("rules", rules, to: &output) }
    if !graph.steps[template].environment.isEmpty {
      let variables = graph.steps[template].environment.map {
        "\($0.name)=\($0.isSecret ? $0.shown : shellWord($0.shown))"
      }
      field("env", variables.joined(separator: " "), to: &output)
    }
  }

  private static let labelWidth = 10

  private func field(_ label: String, _ text: String, to output: inout TextOutput) {
    // A command of several lines keeps them, and how they are indented.
    let lines = text.split(separator: "\n").flatMap { line in
      let margin = String(line.prefix { $0 == " " }.prefix(20))
      let width = Self.width - 4 - Self.labelWidth - margin.utf8.count
      return wrapped(safeForTerminal(String(line)), width: width).map { margin + $0 }
    }
    for (index, line) in lines.enumerated() {
      output.blanks(4)
      output.put(index == 0 ? label : "")
      output.blanks(Self.labelWidth - (index == 0 ? label.utf8.count : 0))
      output.line(line)
    }
  }

  /// The blocks around a step that have rules of their own, innermost first.
  private func block(of node: NodeID) -> String? {
    var words: [String] = []
    var block = graph[node].block
    while block != .none {
      let template = graph.template(block)
      var about: [String] = []
      if let timeout = template.timeout { about.append("\(shown(timeout)) in all") }
      if let retry = template.retry { about.append(describe(retry)) }
      if let slots = template.slots { about.append("\(slots) at a time") }
      if template.isOptional { about.append("optional") }
      if template.kind == .plan, about.isEmpty { break }
      let name: String
      switch template.kind {
      case .onFailure: name = "on failure"
      case .rolloutEntry: name = "rollout of \(graph.subjects.path(graph[block].subject))"
      default: name = template.name
      }
      words.append(about.isEmpty ? name : "\(name) (\(about.joined(separator: ", ")))")
      block = graph[block].parent
    }
    return words.isEmpty ? nil : words.joined(separator: ", in ")
  }

  private func rules(_ template: Int) -> String {
    var words: [String] = []
    let step = graph.steps[template]
    if let retry = step.retry { words.append(describe(retry)) }
    if let timeout = step.timeout {
      words.append("timeout \(shown(timeout)), then \(shown(step.grace)) to end")
    }
    if step.action == .start, step.settle > .zero { words.append("settle \(shown(step.settle))") }
    for limit in step.limits { words.append("\(graph.limits[Int(limit.index)]) at a time") }
    if step.isOptional { words.append("optional") }
    if step.condition != nil { words.append("only if its condition holds then") }
    if case .run = step.action, !step.isIdempotent { words.append("never a second time") }
    return words.joined(separator: "; ")
  }

  /// Which failures are tried again, where not all are.
  private func reasons(_ retry: Retry) -> String {
    if retry.only.isEmpty { return "" }
    let words = retry.only.map { reason in
      switch reason {
      case .exit(let status): "exit \(status)"
      case .signal: "signal"
      case .timeout: "timeout"
      }
    }
    return " only on \(words.sorted().joined(separator: ", "))"
  }

  private func describe(_ retry: Retry) -> String {
    let pause =
      retry.low == retry.high
      ? (retry.low == .zero ? "" : " after \(shown(retry.low))")
      : " after \(shown(retry.low)) to \(shown(retry.high))"
    return "up to \(counted(retry.count, "retry", "retries"))\(pause)\(reasons(retry))"
  }

  private func writeWaits(
    _ node: NodeID,
    indent: Int,
    label: String,
    to output: inout TextOutput
  ) {
    let text = waits(node)
    let lines = wrapped(safeForTerminal(text), width: Self.width - indent - Self.labelWidth)
    for (index, line) in lines.enumerated() {
      output.blanks(indent)
      output.put(index == 0 ? label : "")
      output.blanks(Self.labelWidth - (index == 0 ? label.utf8.count : 0))
      output.line(line)
    }
  }

  /// What a node waits for, in words: joins and begins of blocks are seen through.
  private func waits(_ node: NodeID) -> String {
    var found: [NodeID] = []
    var count = 0
    var stack = Array(graph.predecessors(node).reversed())
    while let index = stack.popLast() {
      let before = NodeID(index)
      switch graph[before].kind {
      case .join, .blockBegin:
        // Nothing but an order: look further, but not for ever.
        if stack.count < 64 { stack += graph.predecessors(before).reversed() }
      case .step, .barrier, .blockEnd:
        count += 1
        if found.count < 5 { found.append(before) }
      }
    }
    if count == 0 {
      var block = graph[node].block
      while block != .none {
        switch graph.template(block).kind {
        case .onFailure: return "a failure of what it belongs to"
        case .finally: return "the end of what it belongs to"
        default: block = graph[block].parent
        }
      }
      return "nothing"
    }
    // To name a fifth takes no more room than to count it.
    if count > 5 { found.removeLast() }
    var words = found.map { before -> String in
      let entry = graph[before]
      switch entry.kind {
      case .barrier: return "the \(graph.items[Int(entry.payload)].name)"
      case .blockEnd:
        let template = graph.template(BlockID(entry.payload))
        let path = graph.subjects.path(entry.subject)
        let isEntry = template.kind == .rolloutEntry
        let name = isEntry ? "the rollout" : "all of \(template.name)"
        return "\(name)\(path.isEmpty ? "" : " of \(path)")"
      default: return names.full(before)
      }
    }
    if count > found.count { words.append("\(count - found.count) more") }
    return words.joined(separator: ", ")
  }
}
