package import PlanGraph
import Words

/// The known durations of a plan's steps, by full name.
///
/// It comes from the journals of earlier runs (`DurationHistory`) or from a text that a person wrote.
package struct StepDurations: Sendable {
  /// The duration of a step for which none is known.
  package var standard: Duration
  /// Measured durations, by full name.
  private var measured: [String: Duration]
  /// Written durations; the last that matches counts.
  private var written: [(pattern: StepPattern, duration: Duration)] = []

  /// The duration of a step for which none is known, unless someone sets another.
  package static let defaultStandard = Duration.seconds(1)

  /// Why a text with durations cannot be read.
  package struct Unreadable: Error, Hashable {
    /// Counted from 1.
    package var line: Int
    /// One line for people.
    package var words: String
  }

  /// Makes durations from measured ones.
  package init(
    measured: [String: Duration] = [:],
    standard: Duration = defaultStandard
  ) {
    self.measured = measured
    self.standard = standard
  }

  /// Reads durations that a person wrote.
  ///
  /// Each line is `PATTERN DURATION`. A `#` at the start of a word begins a comment.
  ///
  /// Patterns are those of `StepPattern`, durations those of a plan (`250ms`, `40s`, `1h30m`). If
  /// several lines match a step, the last one counts.
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
      // A '#' inside a word is part of a step's name.
      if let comment = words.firstIndex(where: { $0.hasPrefix("#") }) {
        words.removeSubrange(comment...)
      }
      guard let last = words.popLast() else { continue }
      if words.isEmpty {
        throw Unreadable(
          line: number,
          words: "has only one word, '\(last)', but needs a step and a duration: pre-start:db/0 40s"
        )
      }
      guard let duration = Duration(planText: String(last)) else {
        throw Unreadable(
          line: number,
          words: "'\(last)' is not a duration such as 250ms, 40s or 1h30m"
        )
      }
      written.append((StepPattern(words.joined(separator: " ")), duration))
    }
  }

  /// The written patterns, in order.
  package var patterns: [StepPattern] { written.map(\.pattern) }

  /// The duration of the step with this full name; nil if it is not known.
  package func known(_ name: String) -> Duration? {
    written.last { $0.pattern.matches(name) }?.duration ?? measured[name]
  }

  /// The known duration of each node of a graph; nil if it is not known or the node is not a step.
  package func known(in graph: Graph) -> Table<NodeID, Duration?> {
    if written.isEmpty, measured.isEmpty { return Table(repeating: nil, count: graph.count) }
    return Table(
      graph.nodes.indices.map { graph[$0].kind == .step ? known(graph.name($0)) : nil }
    )
  }
}
