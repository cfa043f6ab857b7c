package import Analysis
import Clock
package import PlanGraph
package import Words

/// What each single failure leads to, as a table of at most 80 columns.
package struct SingleFailuresReport {
  private let failures: SingleFailures
  private let names: NodeNames
  private let style: Style

  private static let nameWidth = 48

  /// Makes the table for failures of a graph's steps.
  package init(_ failures: SingleFailures, _ graph: Graph, style: Style) {
    self.failures = failures
    names = NodeNames(graph)
    self.style = style
  }

  /// Writes it, with `title` above the steps.
  package func write(title: String, to output: inout TextOutput) {
    let widest = failures.rows.map { columns(name($0)) }.max() ?? 0
    let width = min(Self.nameWidth, max(widest, columns(title)))
    output.line(
      style.paint(padded(title, to: width) + "   exit        end  unstarted  handlers", .strong)
    )
    for row in failures.rows {
      let result = row.consequence
      let status = result.exitStatus.map { String($0) } ?? "-"
      let end =
        switch result.ending {
        case .finished: result.elapsed.measuredColumn
        case .neverEnds: "never"
        case .tooLong: "too long"
        }
      let line =
        padded(shortened(name(row), to: width), to: width) + flushRight(status, in: 7)
        + flushRight(end, in: 11)
        + flushRight(String(result.unstarted), in: 11) + flushRight(String(result.handlers), in: 10)
      output.line(result.exitStatus == 0 ? line : style.paint(line, .bad))
    }
  }

  private func name(_ row: SingleFailures.Row) -> String {
    let others = row.nodes.count - 1 + row.untried
    let name = names.full(row.nodes[0])
    if others == 0 { return name }
    let tail = " and \(others) more"
    return shortened(name, to: Self.nameWidth - columns(tail)) + tail
  }
}
