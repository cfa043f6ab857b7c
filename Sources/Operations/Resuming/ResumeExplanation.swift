package import PlanGraph
package import Words

/// Why each step of a run would run, or would not, if the run were resumed now.
package struct ResumeExplanation {
  /// What would happen to a step.
  package enum Verdict: String, CaseIterable, Sendable {
    case run, wait, ask, maybe, keep

    /// Follows the number of such steps.
    fileprivate var counted: String {
      switch self {
      case .run: "to run"
      case .wait: "to wait for"
      case .ask: "to be decided"
      case .maybe: "that may run"
      case .keep: "to keep as they are"
      }
    }
  }

  /// The line about the run.
  package let title: String
  /// For each step, in the order of the steps.
  package private(set) var steps: [(node: NodeID, verdict: Verdict, reason: String)] = []
  /// Further notes, such as how to continue.
  package var remarks: [String] = []

  /// Begins an explanation.
  init(title: String) { self.title = title }

  /// Adds a step.
  mutating func add(_ node: NodeID, _ verdict: Verdict, _ reason: String) {
    steps.append((node, verdict, reason))
  }

  private static let indent = "          "

  /// Prints it: one line for each step, and one for the reason.
  ///
  /// - Parameters:
  ///   - graph: of the run.
  ///   - leavingOutKept: whether steps that are kept are only counted.
  ///   - most: how many steps to list at most.
  ///   - output: where to print.
  package func write(
    _ graph: Graph,
    leavingOutKept: Bool = false,
    most: Int = .max,
    to output: inout TextOutput
  ) {
    let width = 80 - Self.indent.count
    for line in wrapped(safeForTerminal(title), width: 80) { output.line(line) }
    let told = leavingOutKept ? steps.filter { $0.verdict != .keep } : steps
    for (node, verdict, reason) in told.prefix(most) {
      let word = verdict.rawValue
      let gap = String(repeating: " ", count: Self.indent.count - 2 - word.count)
      // A name must be copyable, so it is never cut.
      output.line("  \(word)\(gap)\(safeForTerminal(graph.name(node)))")
      for line in wrapped(safeForTerminal(reason), width: width) {
        output.line(Self.indent + line)
      }
    }
    if told.count > most { output.line("  and \(counted(told.count - most, "more step"))") }
    let counts = Verdict.allCases.compactMap { verdict in
      let count = steps.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.counted)"
    }
    let summary = counts.isEmpty ? "no steps" : counts.joined(separator: ", ")
    for line in wrapped(summary, width: 80) { output.line(line) }
    for remark in remarks {
      for line in wrapped(safeForTerminal(remark), width: 80) { output.line(line) }
    }
  }
}
