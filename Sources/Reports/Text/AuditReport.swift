package import Analysis
import Clock
package import PlanGraph
package import Words

/// Says what an audit of a recorded run has found.
///
/// `AuditJSON.swift` writes the same for programs.
package struct AuditReport: Sendable {
  let graph: Graph
  let audit: RunAudit
  let run: String

  private static let most = 20

  /// Prepares a report on the run of this name.
  package init(_ graph: Graph, _ audit: RunAudit, run: String) {
    self.graph = graph
    self.audit = audit
    self.run = run
  }

  /// Writes it for people, in 80 columns.
  package func write(to output: inout TextOutput) {
    output.paragraph("run \(run) of the plan \(graph.planName)")
    output.paragraph(
      "\(counted(audit.events, "event")), \(counted(audit.starts, "start")), "
        + counted(audit.sessions, "session"),
      indent: 2
    )
    let open = audit.underWay
    if !open.isEmpty {
      output.paragraph(
        "the records end while \(counted(open.count, "attempt")) "
          + "\(open.count == 1 ? "is" : "are") under way: the run was cut short or is still going",
        indent: 2
      )
    }
    for finding in audit.findings.prefix(Self.most) {
      output.line()
      output.paragraph(words(finding))
      output.paragraph(words(finding.record), indent: 2)
      if let other = finding.other { output.paragraph(words(other), indent: 2) }
    }
    let total = audit.findings.count + audit.omitted
    if total > Self.most { output.line("\nand \(total - Self.most) more") }
    output.line()
    output.line(
      total == 0 ? "all rules were kept" : "\(counted(total, "violation")) of the rules"
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
    case .secondTime: return "\(name) must not be started twice, but was"
    case .beyondLimit: return "\(name) began above a limit of \(finding.limit ?? 0)"
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
}
