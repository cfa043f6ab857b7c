package import Analysis
import Clock
package import PlanGraph
package import Words

/// Says how long a run can take at most, which steps decide how long it takes, and where there is
/// time to spare.
///
/// `TimesJSON.swift` writes the same for programs.
package struct TimesReport: Sendable {
  let graph: Graph
  let worst: WorstCase
  let schedule: Schedule
  let isMeasured: Bool
  /// Where durations are from, as a sentence.
  let origin: String
  private let most: Int?

  /// Prepares a report.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - worst: its worst case.
  ///   - schedule: by known durations, or by worst cases.
  ///   - isMeasured: whether the schedule is by known durations.
  ///   - origin: where the durations are from, for people.
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

  /// The steps that are not on the critical path, those with the least slack first.
  private var beside: [(node: NodeID, slack: Duration)] {
    let critical = Set(schedule.criticalPath)
    return graph.nodes.indices.compactMap { node -> (node: NodeID, slack: Duration)? in
      guard graph[node].kind == .step, !critical.contains(node),
        schedule.duration(node) > .zero, let slack = schedule.slack(node)
      else { return nil }
      return (node, slack)
    }.sorted { ($0.slack, $0.node) < ($1.slack, $1.node) }
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    writeWorst(to: &output)
    output.line()
    let whole = schedule.makespan
    let waits = schedule.waits.isEmpty ? "" : ", waits for limits counted"
    output.paragraph(
      isMeasured
        ? "critical path: \(whole.forPeople) if every step succeeds at once\(waits); \(origin)"
        : "critical path: \(whole.forPeople) if every step takes its worst case\(waits), because "
          + "nothing is known of how long they take: \(origin)"
    )
    let conditions = graph.conditionCount
    if conditions > 0 {
      output.paragraph(
        "\(counted(conditions, "condition")) to be checked on a VM: assumed to hold",
        indent: 2
      )
    }
    let path = schedule.criticalPath
    if path.isEmpty { output.paragraph("no step takes any time", indent: 2) }
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
      output.paragraph("and \(path.count - most) more; --all shows them", indent: 2)
    }
    let others = beside
    if others.isEmpty { return }
    output.line()
    output.line("other steps, by how much longer each might take")
    let shownOthers = most.map { others.prefix($0) } ?? others[...]
    for (node, slack) in shownOthers {
      row(schedule.duration(node).forPeople, "+\(slack.forPeople)", node, to: &output)
    }
    if shownOthers.count < others.count {
      output.paragraph("and \(others.count - shownOthers.count) more; --all shows them", indent: 2)
    }
  }

  private func row(_ first: String, _ second: String, _ node: NodeID, to output: inout TextOutput) {
    let head = "  \(flushRight(first, in: 10))  \(flushRight(second, in: 10))  "
    // People copy the name, so it is never cut.
    output.line(head + safeForTerminal(graph.name(node)))
  }

  private func writeWorst(to output: inout TextOutput) {
    guard let total = worst.total.duration else {
      output.line("worst case: no bound")
      if worst.unbounded.isEmpty {
        output.paragraph("together, all its attempts may take longer than 292 years", indent: 2)
        return
      }
      output.paragraph(
        "nothing limits the time of \(counted(worst.unbounded.count, "step")):",
        indent: 2
      )
      for node in most.map({ worst.unbounded.prefix($0) }) ?? worst.unbounded[...] {
        output.paragraph(graph.name(node), indent: 4)
      }
      if let most, worst.unbounded.count > most {
        output.paragraph("and \(worst.unbounded.count - most) more; --all shows them", indent: 4)
      }
      output.paragraph("give each of them a 'timeout', or give one to a block around it", indent: 2)
      return
    }
    output.line("worst case: \(total.forPeople)")
    output.paragraph(
      "every attempt of every step takes its whole timeout and grace, and every pause is as long as "
        + "it can be",
      indent: 2
    )
    if worst.contended.isEmpty {
      output.paragraph(
        "no limit delays anything: it is the longest path through the plan",
        indent: 2
      )
    }
    for contended in worst.contended { output.paragraph(words(contended), indent: 2) }
  }

  func words(_ contended: WorstCase.Contended) -> String {
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
}

extension Graph {
  /// How many steps and blocks have a condition that is checked during a run.
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
