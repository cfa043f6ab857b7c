package import PlanGraph
package import Words

/// Says whether one set of steps has passed before another starts, and why; for people and for
/// programs.
package struct ProofReport: Sendable {
  private let graph: Graph
  private let proof: OrderProof
  private let names: NodeNames
  /// As the command line has them.
  private let before: String
  private let after: String
  private let counts: (before: Int, after: Int)

  private static let mostNames = 3

  /// Prepares a report on steps that were named so.
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

  private func put(_ words: String, indent: Int, to output: inout TextOutput) {
    let margin = String(repeating: " ", count: indent)
    for line in wrapped(safeForTerminal(words), width: 80 - indent) { output.line(margin + line) }
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    let (a, b) = (
      "\(before) (\(counted(counts.before, "step")))",
      "\(after) (\(counted(counts.after, "step")))"
    )
    if proof.isProven {
      put("proven: \(a) has passed before \(b) starts", indent: 0, to: &output)
      writeReasons(to: &output)
    } else {
      put("not proven: \(a) need not have passed before \(b) starts", indent: 0, to: &output)
      if proof.pairs > 1 {
        put(
          "in \(proof.unproven) of \(proof.pairs) pairs it need not, such as",
          indent: 0,
          to: &output
        )
      }
      for gap in proof.gaps { write(gap, to: &output) }
    }
    for caveat in OrderProof.Caveat.allCases {
      guard let nodes = proof.caveats[caveat] else { continue }
      let names = nodes.prefix(Self.mostNames).map(graph.name)
      let more = nodes.count - names.count
      output.line()
      put("'passed' also means: \(caveat.words), as are", indent: 0, to: &output)
      for name in names { put(name, indent: 2, to: &output) }
      if more > 0 { put("and \(more) more", indent: 2, to: &output) }
    }
  }

  private func writeReasons(to output: inout TextOutput) {
    if proof.through.isEmpty {
      output.line("no single point is common to all ways; one of them is")
      write(proof.example, to: &output)
      return
    }
    output.line("every way from one to the other goes through")
    let most = 12
    for node in proof.through.prefix(most) { put(shown(node), indent: 2, to: &output) }
    if proof.through.count > most {
      put("and \(proof.through.count - most) more", indent: 2, to: &output)
    }
  }

  private func write(_ gap: OrderProof.Gap, to output: inout TextOutput) {
    put(graph.name(gap.before), indent: 2, to: &output)
    put(graph.name(gap.after), indent: 2, to: &output)
    switch gap.reason {
    case .same: put("is the same step: it is in both", indent: 4, to: &output)
    case .unordered:
      put("no way leads from one to the other: they may overlap", indent: 4, to: &output)
    case .handler(let block):
      let template = graph.template(block)
      put(
        "the second stands in '\(template.name == "finally" ? "finally" : "on failure")' of a block "
          + "that holds the first: it runs when that is over, whether it has passed, failed or never "
          + "started",
        indent: 4,
        to: &output
      )
    case .reversed(let path):
      put("it is the other way round:", indent: 4, to: &output)
      write(path, to: &output)
    }
  }

  private func write(_ path: [NodeID], to output: inout TextOutput) {
    let most = 12
    // Joins of the compiler mean nothing to people.
    let path = path.filter { graph[$0].kind != .join }
    for (index, node) in path.prefix(most).enumerated() {
      put((index == 0 ? "" : "then ") + shown(node), indent: 4, to: &output)
    }
    if path.count > most { put("and \(path.count - most) more", indent: 4, to: &output) }
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

  /// Writes it as a JSON document.
  package func writeJSON(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("version", 1)
      writer.field("plan", graph.planName)
      writer.field("before", before)
      writer.field("after", after)
      writer.field("proven", proof.isProven)
      writer.field("before_steps", counts.before)
      writer.field("after_steps", counts.after)
      writer.field("pairs", proof.pairs)
      writer.field("unproven", proof.unproven)
      writer.name("through")
      writer.array { writer in for node in proof.through { write(node, to: &writer) } }
      writer.name("example")
      writer.array { writer in for node in proof.example { write(node, to: &writer) } }
      writer.name("gaps")
      writer.array { writer in
        for gap in proof.gaps {
          writer.object { writer in
            writer.field("before", graph.name(gap.before))
            writer.field("after", graph.name(gap.after))
            writer.field("reason", gap.reason.word)
            writer.name("path")
            writer.array { writer in
              if case .reversed(let path) = gap.reason {
                for node in path { write(node, to: &writer) }
              }
            }
          }
        }
      }
      writer.name("caveats")
      writer.array { writer in
        for caveat in OrderProof.Caveat.allCases {
          guard let nodes = proof.caveats[caveat] else { continue }
          writer.object { writer in
            writer.field("caveat", caveat.word)
            writer.field("steps", nodes.lazy.map(graph.name))
          }
        }
      }
    }
    writer.finish()
  }

  private func write(_ node: NodeID, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("kind", graph[node].kind.word)
      writer.field("name", graph.name(node))
    }
  }
}

extension NodeKind {
  /// The word for it in JSON.
  fileprivate var word: String {
    switch self {
    case .step: "step"
    case .barrier: "barrier"
    case .join: "join"
    case .blockBegin: "block-begin"
    case .blockEnd: "block-end"
    }
  }
}

extension OrderProof.Reason {
  fileprivate var word: String {
    switch self {
    case .same: "same"
    case .reversed: "reversed"
    case .handler: "handler"
    case .unordered: "unordered"
    }
  }
}

extension OrderProof.Caveat {
  fileprivate var word: String {
    switch self {
    case .optional: "optional"
    case .inOptionalBlock: "in-optional-block"
    case .condition: "condition"
    case .skipped: "skipped"
    case .inHandler: "in-handler"
    }
  }

  fileprivate var words: String {
    switch self {
    case .optional: "has failed, where a step is optional"
    case .inOptionalBlock: "has failed or never started, where a block around it is optional"
    case .condition: "was skipped, where a condition did not hold"
    case .skipped: "is skipped, by facts, params or the command line"
    case .inHandler: "did not run, where its handler was not entered"
    }
  }
}
