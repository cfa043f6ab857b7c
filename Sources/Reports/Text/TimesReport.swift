package import Analysis
import Clock
package import PlanGraph
package import Words

/// Says how long a run can take at most, which steps decide how long it takes, and where there is time
/// to spare; for people and for programs.
package struct TimesReport: Sendable {
  private let graph: Graph
  private let worst: WorstCase
  private let schedule: Schedule
  private let isMeasured: Bool
  /// Where durations are from, as a sentence.
  private let origin: String
  private let most: Int?

  /// Prepares a report.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - worst: its worst case.
  ///   - schedule: by durations that are known, or by worst cases.
  ///   - isMeasured: whether they are known.
  ///   - origin: where they are from, for people.
  ///   - most: how many steps are listed at most; nil for all.
  package init(
    _ graph: Graph,
    _ worst: WorstCase,
    _ schedule: Schedule,
    isMeasured: Bool,
    origin: String,
    most: Int?
  ) {
    self.graph = graph
    self.worst = worst
    self.schedule = schedule
    self.isMeasured = isMeasured
    self.origin = origin
    self.most = most
  }

  /// The steps beside the critical path, those with least slack first.
  private var beside: [(node: NodeID, slack: Duration)] {
    let critical = Set(schedule.criticalPath)
    return graph.nodes.indices.compactMap { node -> (node: NodeID, slack: Duration)? in
      guard graph[node].kind == .step, !critical.contains(node),
        schedule.duration(node) > .zero, let slack = schedule.slack(node)
      else { return nil }
      return (node, slack)
    }.sorted { ($0.slack, $0.node) < ($1.slack, $1.node) }
  }

  private func put(_ words: String, indent: Int, to output: inout TextOutput) {
    let margin = String(repeating: " ", count: indent)
    for line in wrapped(safeForTerminal(words), width: 80 - indent) { output.line(margin + line) }
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    writeWorst(to: &output)
    output.line()
    let whole = schedule.makespan
    let waits = schedule.waits.isEmpty ? "" : ", waits for limits counted"
    put(
      isMeasured
        ? "critical path: \(whole.forPeople) if every step succeeds at once\(waits); \(origin)"
        : "critical path: \(whole.forPeople) if every step takes its worst case\(waits), as nothing is "
          + "known of how long they take: \(origin)",
      indent: 0,
      to: &output
    )
    let conditions = graph.conditionCount
    if conditions > 0 {
      put(
        "\(counted(conditions, "condition")) of which a VM would be asked: taken to hold",
        indent: 2,
        to: &output
      )
    }
    let path = schedule.criticalPath
    if path.isEmpty { put("no step takes any time", indent: 2, to: &output) }
    for node in most.map({ path.prefix($0) }) ?? path[...] {
      let duration = schedule.duration(node)
      row(duration.forPeople, share(duration, of: whole), node, to: &output)
      if let wait = schedule.waits[node] {
        output.line(
          String(repeating: " ", count: 26) + "after \(wait.forPeople) of waiting for a slot"
        )
      }
    }
    if let most, path.count > most {
      put("and \(path.count - most) more; --all shows them", indent: 2, to: &output)
    }
    let others = beside
    if others.isEmpty { return }
    output.line()
    output.line("beside it, steps by how much longer they might take")
    let shownOthers = most.map { others.prefix($0) } ?? others[...]
    for (node, slack) in shownOthers {
      row(schedule.duration(node).forPeople, "+\(slack.forPeople)", node, to: &output)
    }
    if shownOthers.count < others.count {
      put("and \(others.count - shownOthers.count) more; --all shows them", indent: 2, to: &output)
    }
  }

  private func row(_ first: String, _ second: String, _ node: NodeID, to output: inout TextOutput) {
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
    let head = "  \(right(first, 10))  \(right(second, 10))  "
    // A name is to be copied, so it is never cut.
    output.line(head + safeForTerminal(graph.name(node)))
  }

  private func writeWorst(to output: inout TextOutput) {
    guard let total = worst.total.duration else {
      output.line("worst case: no bound")
      if worst.unbounded.isEmpty {
        put("together, all its attempts may take longer than 292 years", indent: 2, to: &output)
        return
      }
      put(
        "nothing bounds the time of \(counted(worst.unbounded.count, "step")):",
        indent: 2,
        to: &output
      )
      for node in most.map({ worst.unbounded.prefix($0) }) ?? worst.unbounded[...] {
        put(graph.name(node), indent: 4, to: &output)
      }
      if let most, worst.unbounded.count > most {
        put("and \(worst.unbounded.count - most) more; --all shows them", indent: 4, to: &output)
      }
      put("give each 'timeout', or give one to a block around it", indent: 2, to: &output)
      return
    }
    output.line("worst case: \(total.forPeople)")
    put(
      "all attempts of every step to the end of its timeout and grace, all pauses as long as they "
        + "can be",
      indent: 2,
      to: &output
    )
    if worst.contended.isEmpty {
      put(
        "no limit holds anything up: it is the longest way through the plan",
        indent: 2,
        to: &output
      )
    }
    for contended in worst.contended { put(words(contended), indent: 2, to: &output) }
  }

  private func words(_ contended: WorstCase.Contended) -> String {
    switch contended {
    case .parallel(let most): "counted with waiting for --parallel \(most)"
    case .limit(_, let most): "counted with waiting for a limit of \(most)"
    case .slots(let template, let most):
      "counted with waiting for \(graph.blockTemplates[template].name), \(most) at a time"
    }
  }

  private func share(_ duration: Duration, of whole: Duration) -> String {
    if whole <= .zero { return "0%" }
    return "\(Int((duration / whole * 100).rounded()))%"
  }

  /// Writes it as a JSON document.
  package func writeJSON(to writer: inout JSONWriter) {
    let critical = Set(schedule.criticalPath)
    writer.object { writer in
      writer.field("version", 1)
      writer.field("plan", graph.planName)
      writer.field("worst_case", worst.total.duration)
      writer.field("unbounded", worst.unbounded.lazy.map(graph.name))
      writer.name("limits")
      writer.array { writer in for one in worst.contended { writer.value(words(one)) } }
      writer.field("measured", isMeasured)
      writer.field("durations", origin)
      writer.field("makespan", schedule.makespan)
      writer.field("critical_path", schedule.criticalPath.lazy.map(graph.name))
      writer.name("steps")
      writer.array { writer in
        for node in graph.nodes.indices where graph[node].kind == .step {
          let isPart = schedule.slack(node) != nil
          writer.lineBreak()
          writer.object { writer in
            writer.field("name", graph.name(node))
            writer.field("worst_case", worst.steps[node].duration)
            writer.field("duration", isPart ? schedule.duration(node) : nil)
            writer.field("begin", isPart ? schedule.begin(node) : nil)
            writer.field("waited", isPart ? schedule.waits[node] ?? .zero : nil)
            writer.field("slack", schedule.slack(node))
            writer.field("critical", critical.contains(node))
          }
        }
      }
    }
    writer.finish()
  }
}

extension Graph {
  /// How many steps and blocks have a condition that is asked during a run.
  package var conditionCount: Int {
    nodes.count {
      switch $0.kind {
      case .step: steps[$0.template].condition != nil
      case .blockBegin: template($0.block).condition != nil
      default: false
      }
    }
  }
}
