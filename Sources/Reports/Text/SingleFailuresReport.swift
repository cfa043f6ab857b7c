package import Analysis
import Clock
package import PlanGraph
package import Words

/// The consequences of single failures as a table, at most 80 columns wide.
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

  /// Writes it; `title` stands above the steps.
  package func write(title: String, to output: inout TextOutput) {
    let widest = failures.rows.map { columns(name($0)) }.max() ?? 0
    let width = min(Self.nameWidth, max(widest, columns(title)))
    output.line(
      style.paint(padded(title, width) + "   exit        end  unstarted  handlers", .strong)
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
        padded(shortened(name(row), to: width), width) + flush(status, 7) + flush(end, 11)
        + flush(String(result.unstarted), 11) + flush(String(result.handlers), 10)
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

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  private func flush(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - columns(text))) + text
  }
}
