import PlanGraph
package import Words

extension ProofReport {
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
      write("through", proof.through, to: &writer)
      write("example", proof.example, to: &writer)
      writer.objects("gaps", proof.gaps) { writer, gap in
        writer.field("before", graph.name(gap.before))
        writer.field("after", graph.name(gap.after))
        writer.field("reason", gap.reason.word)
        if case .reversed(let path) = gap.reason {
          write("path", path, to: &writer)
        } else {
          write("path", [], to: &writer)
        }
      }
      let caveats = OrderProof.Caveat.allCases.filter { proof.caveats[$0] != nil }
      writer.objects("caveats", caveats) { writer, caveat in
        writer.field("caveat", caveat.word)
        writer.field("steps", (proof.caveats[caveat] ?? []).lazy.map(graph.name))
      }
    }
  }

  private func write(_ name: StaticString, _ nodes: [NodeID], to writer: inout JSONWriter) {
    writer.objects(name, nodes) {
      $0.field("kind", graph[$1].kind.word)
      $0.field("name", graph.name($1))
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
}
