package import Analysis
import Clock
package import PlanGraph
package import Words

/// Says what a second reading of a recorded run has found, for people and for programs.
package struct AuditReport: Sendable {
  private let graph: Graph
  private let audit: RunAudit
  private let run: String

  private static let most = 20

  /// Prepares a report on the run of this name.
  package init(_ graph: Graph, _ audit: RunAudit, run: String) {
    self.graph = graph
    self.audit = audit
    self.run = run
  }

  private func put(_ words: String, indent: Int, to output: inout TextOutput) {
    let margin = String(repeating: " ", count: indent)
    for line in wrapped(safeForTerminal(words), width: 80 - indent) { output.line(margin + line) }
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    put("run \(run) of the plan \(graph.planName)", indent: 0, to: &output)
    put(
      "\(counted(audit.events, "event")), \(counted(audit.starts, "start")), driven "
        + (audit.sessions == 1 ? "once" : "\(audit.sessions) times"),
      indent: 2,
      to: &output
    )
    let open = audit.underWay
    if !open.isEmpty {
      put(
        "the records end while \(counted(open.count, "attempt")) "
          + "\(open.count == 1 ? "is" : "are") under way: it was broken off, or goes on",
        indent: 2,
        to: &output
      )
    }
    for finding in audit.findings.prefix(Self.most) {
      output.line()
      put(words(finding), indent: 0, to: &output)
      put(words(finding.record), indent: 2, to: &output)
      if let other = finding.other { put(words(other), indent: 2, to: &output) }
    }
    let total = audit.findings.count + audit.omitted
    if total > Self.most { output.line("\nand \(total - Self.most) more") }
    output.line()
    output.line(
      total == 0 ? "all rules were kept" : "not kept: \(counted(total, "time"))"
    )
  }

  private func words(_ finding: RunAudit.Finding) -> String {
    let name = graph.name(finding.record.node)
    switch finding.rule {
    case .early:
      let awaited = finding.awaited.map(graph.name) ?? "what it waits for"
      return "\(name) began before \(awaited) had passed"
    case .twiceAtOnce: return "\(name) began while an attempt of it was under way"
    case .againAfterPassing: return "\(name) began again after it had passed"
    case .pastAttempts: return "\(name) began more often than it has attempts"
    case .secondTime: return "\(name) may not be started twice, and was"
    case .beyondLimit: return "\(name) began beyond a limit of \(finding.limit ?? 0)"
    case .pastBlockAttempts:
      return "\(name) began again after \(counted(finding.limit ?? 1, "attempt"))"
    case .endWithoutStart: return "\(name) has an end without a start"
    case .handlerMissing:
      return "\(finding.awaited.map(graph.name) ?? "a handler") did not run when its block was over"
    }
  }

  private func words(_ record: RunAudit.Record) -> String {
    "byte \(record.offset), \(record.moment.sinceOrigin.nanosecondSeconds) s: attempt \(record.attempt) of "
      + graph.name(record.node)
  }

  /// Writes it as a JSON document.
  package func writeJSON(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("version", 1)
      writer.field("run", run)
      writer.field("plan", graph.planName)
      writer.field("kept", audit.findings.isEmpty)
      writer.field("events", audit.events)
      writer.field("starts", audit.starts)
      writer.field("sessions", audit.sessions)
      writer.field("under_way", audit.underWay.lazy.map { graph.name($0.node) })
      writer.field("omitted", audit.omitted)
      writer.name("findings")
      writer.array { writer in
        for finding in audit.findings {
          writer.object { writer in
            writer.field("rule", finding.rule.rawValue)
            writer.field("awaited", finding.awaited.map(graph.name))
            writer.field("limit", finding.limit)
            writer.name("record")
            write(finding.record, to: &writer)
            writer.name("other")
            if let other = finding.other { write(other, to: &writer) } else { writer.null() }
          }
        }
      }
    }
    writer.finish()
  }

  private func write(_ record: RunAudit.Record, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("offset", record.offset)
      writer.field("moment", .nanoseconds(record.moment.nanoseconds))
      writer.field("step", graph.name(record.node))
      writer.field("attempt", record.attempt)
    }
  }
}
