package import PlanGraph
package import Words

/// Says whether one set of steps has passed before another starts, and why.
///
/// `ProofJSON.swift` writes the same for programs.
package struct ProofReport: Sendable {
  let graph: Graph
  let proof: OrderProof
  private let names: NodeNames
  /// As written on the command line.
  let before: String
  let after: String
  let counts: (before: Int, after: Int)

  private static let mostNames = 3

  /// Prepares a report; `before` and `after` are what the command line says and how many steps that
  /// is.
  package init(
    _ graph: Graph,
    _ proof: OrderProof,
    before: (text: String, count: Int),
    after: (text: String, count: Int)
  ) {
    self.graph = graph
    self.proof = proof
    names = NodeNames(graph)
    self.before = before.text
    self.after = after.text
    counts = (before.count, after.count)
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    let (a, b) = (
      "\(before) (\(counted(counts.before, "step")))",
      "\(after) (\(counted(counts.after, "step")))"
    )
    if proof.isProven {
      output.paragraph("proven: \(a) has passed before \(b) starts")
      writeReasons(to: &output)
    } else {
      output.paragraph("not proven: \(a) need not have passed before \(b) starts")
      if proof.pairs > 1 {
        output.paragraph(
          "in \(proof.unproven) of \(proof.pairs) pairs it need not, for example"
        )
      }
      for gap in proof.gaps { write(gap, to: &output) }
    }
    for caveat in OrderProof.Caveat.allCases {
      guard let nodes = proof.caveats[caveat] else { continue }
      let names = nodes.prefix(Self.mostNames).map(graph.name)
      let more = nodes.count - names.count
      output.line()
      output.paragraph("'passed' also covers steps that \(caveat.words), such as")
      for name in names { output.paragraph(name, indent: 2) }
      if more > 0 { output.paragraph("and \(more) more", indent: 2) }
    }
  }

  private func writeReasons(to output: inout TextOutput) {
    if proof.through.isEmpty {
      output.line("no single point is on every path; one path is")
      write(proof.example, to: &output)
      return
    }
    output.line("every path from one to the other goes through")
    let most = 12
    for node in proof.through.prefix(most) { output.paragraph(shown(node), indent: 2) }
    if proof.through.count > most {
      output.paragraph("and \(proof.through.count - most) more", indent: 2)
    }
  }

  private func write(_ gap: OrderProof.Gap, to output: inout TextOutput) {
    output.paragraph(graph.name(gap.before), indent: 2)
    output.paragraph(graph.name(gap.after), indent: 2)
    switch gap.reason {
    case .same: output.paragraph("is the same step: it is in both", indent: 4)
    case .unordered:
      output.paragraph("no path leads from one to the other: they may overlap", indent: 4)
    case .handler(let block):
      let template = graph.template(block)
      output.paragraph(
        "the second is in '\(template.name == "finally" ? "finally" : "on failure")' of a block "
          + "that contains the first: it runs when the block is over, whether the first has passed, "
          + "has failed or never started",
        indent: 4
      )
    case .reversed(let path):
      output.paragraph("the order is reversed:", indent: 4)
      write(path, to: &output)
    }
  }

  private func write(_ path: [NodeID], to output: inout TextOutput) {
    let most = 12
    // Joins come from the compiler and mean nothing to people.
    let path = path.filter { graph[$0].kind != .join }
    for (index, node) in path.prefix(most).enumerated() {
      output.paragraph((index == 0 ? "" : "then ") + shown(node), indent: 4)
    }
    if path.count > most { output.paragraph("and \(path.count - most) more", indent: 4) }
  }

  private func shown(_ node: NodeID) -> String {
    let entry = graph[node]
    let subject = names.subject(node)
    switch entry.kind {
    case .step: return graph.name(node)
    case .barrier:
      return "the \(graph.items[graph.item(node)].name) of \(subject)"
    case .join: return "a join before \(names.phase(node)) of \(subject)"
    case .blockBegin, .blockEnd:
      let template = graph.template(entry.block)
      let which = entry.kind == .blockBegin ? "begin" : "end"
      let phase = graph.items[template.item].name
      let name = template.name == phase ? phase : "\(phase)#\(template.name)"
      return "the \(which) of \(name) of \(subject)"
    }
  }
}

extension OrderProof.Caveat {
  fileprivate var words: String {
    switch self {
    case .optional: "failed but are optional"
    case .inOptionalBlock: "failed or never started in an optional block"
    case .condition: "were skipped because a condition did not hold"
    case .skipped: "are skipped by facts, params or the command line"
    case .inHandler: "did not run because their handler was not entered"
    }
  }
}
