package import Analysis
import PlanGraph
package import Words

/// Says what differs between two plans.
///
/// `DifferenceJSON.swift` writes the same for programs.
package struct DifferenceReport: Sendable {
  let difference: PlanDifference
  let oldNames: NodeNames
  let newNames: NodeNames
  /// How many of each kind are listed; nil for all.
  private let most: Int?

  /// Prepares a report.
  package init(_ difference: PlanDifference, most: Int?) {
    self.difference = difference
    self.most = most
    oldNames = NodeNames(difference.old)
    newNames = NodeNames(difference.new)
  }

  private func list<Element>(
    _ elements: [Element],
    to output: inout TextOutput,
    _ write: (Element, inout TextOutput) -> Void
  ) {
    let shown = most.map { elements.prefix($0) } ?? elements[...]
    for element in shown { write(element, &output) }
    if shown.count < elements.count {
      output.paragraph("and \(elements.count - shown.count) more; --all shows them", indent: 2)
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
    output.paragraph(
      old == new ? "\(words(old)), as before" : "\(words(new)), was \(words(old))",
      indent: 2
    )
    output.line()
    output.paragraph(verdict)
  }

  /// The verdict in one line.
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
    list(nodes, to: &output) { $1.paragraph(graph.name($0), indent: 2) }
    output.line()
  }

  private func writeOrder(to output: inout TextOutput) {
    let order = difference.order
    if !order.lost.isEmpty {
      output.paragraph(
        "\(counted(order.nowOverlapping + order.reversed, "ordering")) lost"
          + (order.nowOverlapping > 0 ? ": \(order.nowOverlapping) may overlap now" : "")
          + (order.reversed > 0
            ? "\(order.nowOverlapping > 0 ? "," : ":") \(order.reversed) reversed now"
            : "")
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
      output.paragraph(
        "\(after) \(verb) \(before) of \(group.relation.words) (\(counted(group.count, "pair")))",
        indent: 2
      )
      output.paragraph(
        "such as \(graph.name(group.example.after)) for \(graph.name(group.example.before))",
        indent: 4
      )
    }
    let rest = groups.filter(\.isConsequence).reduce(0) { $0 + $1.count }
    if rest > 0 {
      output.paragraph(
        "and \(counted(rest, "pair")) that \(rest == 1 ? "follows" : "follow") from these",
        indent: 2
      )
    }
    output.line()
  }

  private func write(_ setting: SettingsDifference, to output: inout TextOutput) {
    let change =
      switch (setting.old, setting.new) {
      case (let old?, let new?): "\(new), was \(old)"
      case (nil, let new?): "\(new), was not set"
      case (let old?, nil): "no longer set, was \(old)"
      case (nil, nil): "the same"
      }
    output.paragraph(
      "\(setting.what): \(change)" + (setting.isLoss ? " (a guarantee is lost)" : ""),
      indent: 2
    )
    let first = setting.steps.first.map(difference.new.name) ?? ""
    let more = setting.steps.count - 1
    output.paragraph("for \(first)" + (more > 0 ? " and \(more) more" : ""), indent: 4)
  }
}
