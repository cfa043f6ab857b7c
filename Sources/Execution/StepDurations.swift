package import PlanGraph
import Words

/// How long the steps of a plan take, by their full names, as far as that is known.
///
/// It comes from the journals of earlier runs (`DurationHistory`) or from a text that a person wrote.
package struct StepDurations: Sendable {
  /// What is taken for a step of which nothing is known.
  package var standard: Duration
  /// By full name: what was measured.
  private var measured: [String: Duration]
  /// What was written; the last that fits counts.
  private var written: [(pattern: StepPattern, duration: Duration)] = []

  /// Taken for a step of which nothing is known, where nobody says otherwise.
  package static let defaultStandard = Duration.seconds(1)

  /// Why a text does not say how long steps take.
  package struct Unreadable: Error, Hashable {
    /// Counted from 1.
    package var line: Int
    /// One line for people.
    package var words: String
  }

  /// Makes durations that were measured, none unless given.
  package init(
    measured: [String: Duration] = [:],
    standard: Duration = defaultStandard
  ) {
    self.measured = measured
    self.standard = standard
  }

  /// Reads what a person wrote: `PATTERN DURATION` a line, what is behind a `#` at the beginning of a
  /// word left out.
  ///
  /// Patterns are those of `StepPattern`, durations those of a plan (`250ms`, `40s`, `1h30m`). Where
  /// several lines fit a step the last one counts.
  ///
  /// - Throws: the first line that is wrong.
  package init(
    text bytes: [UInt8],
    standard: Duration = defaultStandard
  ) throws(Unreadable) {
    self.init(standard: standard)
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard let line = String(validating: line, as: UTF8.self) else {
        throw Unreadable(line: number, words: "is not UTF-8 text")
      }
      var words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
      // A '#' inside a word belongs to a step's name.
      if let comment = words.firstIndex(where: { $0.hasPrefix("#") }) {
        words.removeSubrange(comment...)
      }
      guard let last = words.popLast() else { continue }
      if words.isEmpty {
        throw Unreadable(
          line: number,
          words: "has one word, '\(last)', where a step and a duration belong: pre-start:db/0 40s"
        )
      }
      guard let duration = Duration(planText: String(last)) else {
        throw Unreadable(
          line: number,
          words: "'\(last)' is no duration such as 250ms, 40s or 1h30m"
        )
      }
      written.append((StepPattern(words.joined(separator: " ")), duration))
    }
  }

  /// The patterns that were written, in their order.
  package var patterns: [StepPattern] { written.map(\.pattern) }

  /// How long the step of this full name takes; nil where that is not known.
  package func known(_ name: String) -> Duration? {
    written.last { $0.pattern.matches(name) }?.duration ?? measured[name]
  }

  /// What is known of each node of a graph; nil for a step of which nothing is, and for what is no
  /// step.
  package func known(in graph: Graph) -> Table<NodeID, Duration?> {
    if written.isEmpty, measured.isEmpty { return Table(repeating: nil, count: graph.count) }
    return Table(
      graph.nodes.indices.map { graph[$0].kind == .step ? known(graph.name($0)) : nil }
    )
  }
}
