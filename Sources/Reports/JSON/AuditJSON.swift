import Analysis
import Clock
import PlanGraph
package import Words

extension AuditReport {
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
      writer.objects("findings", audit.findings) { writer, finding in
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

  private func write(_ record: RunAudit.Record, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("offset", record.offset)
      writer.field("moment", record.moment.sinceOrigin)
      writer.field("step", graph.name(record.node))
      writer.field("attempt", record.attempt)
    }
  }
}
