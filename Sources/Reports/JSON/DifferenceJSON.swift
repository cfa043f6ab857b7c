import Analysis
import PlanGraph
package import Words

extension DifferenceReport {
  /// Writes it as a JSON document.
  package func writeJSON(to writer: inout JSONWriter) {
    let (old, new, order) = (difference.old, difference.new, difference.order)
    writer.object { writer in
      writer.field("version", 1)
      writer.field("old", old.planName)
      writer.field("new", new.planName)
      writer.field("guarantee_lost", difference.losesGuarantee)
      writer.field("removed", difference.removed.lazy.map(old.name))
      writer.field("added", difference.added.lazy.map(new.name))
      writer.field("orderings_lost", order.nowOverlapping + order.reversed)
      writer.field("may_overlap", order.nowOverlapping)
      writer.field("reversed", order.reversed)
      writer.objects("lost", order.lost) { write($1, old, oldNames, to: &$0) }
      writer.objects("gained", order.gained) { write($1, new, newNames, to: &$0) }
      writer.objects("settings", difference.settings) { writer, setting in
        writer.field("what", setting.what)
        writer.field("old", setting.old)
        writer.field("new", setting.new)
        writer.field("guarantee_lost", setting.isLoss)
        writer.field("steps", setting.steps.lazy.map(new.name))
      }
      writer.field("worst_case_before", difference.oldWorst.total.duration)
      writer.field("worst_case_after", difference.newWorst.total.duration)
    }
  }

  private func write(
    _ group: OrderDifference.Group,
    _ graph: Graph,
    _ names: NodeNames,
    to writer: inout JSONWriter
  ) {
    writer.field("before", names.phase(of: graph.steps[group.before]))
    writer.field("after", names.phase(of: graph.steps[group.after]))
    writer.field("subjects", group.relation.words)
    writer.field("pairs", group.count)
    writer.field("reversed", group.reversed)
    writer.field("consequence", group.isConsequence)
    writer.field("example_before", graph.name(group.example.before))
    writer.field("example_after", graph.name(group.example.after))
  }
}
