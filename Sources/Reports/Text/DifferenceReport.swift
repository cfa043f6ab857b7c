package import Analysis
import PlanGraph
package import Words

/// Says what differs between two plans, for people and for programs.
package struct DifferenceReport: Sendable {
  private let difference: PlanDifference
  private let oldNames: NodeNames
  private let newNames: NodeNames
  /// How many of a kind are listed for people; nil for all.
  private let most: Int?

  /// Prepares a report.
  package init(_ difference: PlanDifference, most: Int?) {
    self.difference = difference
    self.most = most
    oldNames = NodeNames(difference.old)
    newNames = NodeNames(difference.new)
  }

  private func put(_ words: String, indent: Int, to output: inout TextOutput) {
    let margin = String(repeating: " ", count: indent)
    for line in wrapped(safeForTerminal(words), width: 80 - indent) { output.line(margin + line) }
  }

  private func list<Element>(
    _ elements: [Element],
    to output: inout TextOutput,
    _ write: (Element, inout TextOutput) -> Void
  ) {
    let shown = most.map { elements.prefix($0) } ?? elements[...]
    for element in shown { write(element, &output) }
    if shown.count < elements.count {
      put("and \(elements.count - shown.count) more; --all shows them", indent: 2, to: &output)
    }
  }

  /// Writes it for people, in 80 columns; the verdict is the last line.
  package func write(to output: inout TextOutput) {
    if difference.isEmpty {
      output.line("no difference: the same steps, order, settings and worst case")
      return
    }
    writeSteps(difference.removed, in: difference.old, "removed", to: &output)
    writeSteps(difference.added, in: difference.new, "added", to: &output)
    writeOrder(to: &output)
    if !difference.settings.isEmpty {
      output.line("settings")
      list(difference.settings, to: &output) { write($0, to: &$1) }
      output.line()
    }
    let (old, new) = (difference.oldWorst.total, difference.newWorst.total)
    output.line("worst case")
    put(
      old == new ? "\(words(old)), as before" : "\(words(new)), was \(words(old))",
      indent: 2,
      to: &output
    )
    output.line()
    put(verdict, indent: 0, to: &output)
  }

  /// The whole in one line.
  private var verdict: String {
    guard difference.losesGuarantee else { return "no guarantee is lost" }
    let order = difference.order
    let settings = difference.settings.count { $0.isLoss }
    let parts = [
      difference.removed.isEmpty ? nil : counted(difference.removed.count, "step"),
      order.lost.isEmpty
        ? nil : counted(order.nowOverlapping + order.reversed, "ordering"),
      settings == 0 ? nil : counted(settings, "setting"),
      difference.losesBound ? "the bound on its time" : nil,
    ]
    return "guarantees are lost: " + parts.compactMap { $0 }.joined(separator: ", ")
  }

  private func words(_ bound: TimeBound) -> String { bound.duration?.forPeople ?? "no bound" }

  private func writeSteps(
    _ nodes: [NodeID],
    in graph: Graph,
    _ what: String,
    to output: inout TextOutput
  ) {
    if nodes.isEmpty { return }
    output.line("\(counted(nodes.count, "step")) \(what)")
    list(nodes, to: &output) { put(graph.name($0), indent: 2, to: &$1) }
    output.line()
  }

  private func writeOrder(to output: inout TextOutput) {
    let order = difference.order
    if !order.lost.isEmpty {
      put(
        "\(counted(order.nowOverlapping + order.reversed, "ordering")) lost"
          + (order.nowOverlapping > 0 ? ": \(order.nowOverlapping) may overlap now" : "")
          + (order.reversed > 0
            ? "\(order.nowOverlapping > 0 ? "," : ":") \(order.reversed) the other way round now"
            : ""),
        indent: 0,
        to: &output
      )
      write(order.lost, difference.old, oldNames, "no longer waits for", to: &output)
    }
    if !order.gained.isEmpty {
      let count = order.gained.reduce(0) { $0 + $1.count }
      output.line("\(counted(count, "ordering")) gained")
      write(order.gained, difference.new, newNames, "now waits for", to: &output)
    }
  }

  private func write(
    _ groups: [OrderDifference.Group],
    _ graph: Graph,
    _ names: NodeNames,
    _ verb: String,
    to output: inout TextOutput
  ) {
    list(groups.filter { !$0.isConsequence }, to: &output) { group, output in
      let before = names.phase(of: graph.steps[group.before])
      let after = names.phase(of: graph.steps[group.after])
      put(
        "\(after) \(verb) \(before) of \(group.relation.words) (\(counted(group.count, "pair")))",
        indent: 2,
        to: &output
      )
      put(
        "such as \(graph.name(group.example.after)) for \(graph.name(group.example.before))",
        indent: 4,
        to: &output
      )
    }
    let rest = groups.filter(\.isConsequence).reduce(0) { $0 + $1.count }
    if rest > 0 {
      put(
        "and \(counted(rest, "pair")) that \(rest == 1 ? "follows" : "follow") from these",
        indent: 2,
        to: &output
      )
    }
    output.line()
  }

  private func write(_ setting: SettingsDifference, to output: inout TextOutput) {
    let change =
      switch (setting.old, setting.new) {
      case (let old?, let new?): "\(new), was \(old)"
      case (nil, let new?): "\(new), was not said"
      case (let old?, nil): "no longer said, was \(old)"
      case (nil, nil): "the same"
      }
    put(
      "\(setting.what): \(change)" + (setting.isLoss ? " (a guarantee is lost)" : ""),
      indent: 2,
      to: &output
    )
    let first = setting.steps.first.map(difference.new.name) ?? ""
    let more = setting.steps.count - 1
    put("for \(first)" + (more > 0 ? " and \(more) more" : ""), indent: 4, to: &output)
  }

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
      writer.name("lost")
      write(order.lost, old, oldNames, to: &writer)
      writer.name("gained")
      write(order.gained, new, newNames, to: &writer)
      writer.name("settings")
      writer.array { writer in
        for setting in difference.settings {
          writer.object { writer in
            writer.field("what", setting.what)
            writer.field("old", setting.old)
            writer.field("new", setting.new)
            writer.field("guarantee_lost", setting.isLoss)
            writer.field("steps", setting.steps.lazy.map(new.name))
          }
        }
      }
      writer.field("worst_case_before", difference.oldWorst.total.duration)
      writer.field("worst_case_after", difference.newWorst.total.duration)
    }
    writer.finish()
  }

  private func write(
    _ groups: [OrderDifference.Group],
    _ graph: Graph,
    _ names: NodeNames,
    to writer: inout JSONWriter
  ) {
    writer.array { writer in
      for group in groups {
        writer.object { writer in
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
    }
  }
}
