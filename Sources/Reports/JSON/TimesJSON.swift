import Analysis
import PlanGraph
package import Words

extension TimesReport {
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
  }
}
