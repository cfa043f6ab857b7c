package import Analysis
package import Clock
import Execution
import PlanGraph
package import Words

/// A rehearsed run in words: its timeline, as the display of a live run would show it, and its end.
package struct RehearsalReport {
  private let rehearsal: Rehearsal
  private let style: Style
  /// How many lines in a row about steps that start or succeed are shown; nil for all.
  private let most: Int?

  /// Makes a report.
  package init(_ rehearsal: Rehearsal, style: Style, most: Int?) {
    self.rehearsal = rehearsal
    self.style = style
    self.most = most
  }

  /// Writes the timeline, and how the run would end.
  package func write(to output: inout TextOutput) {
    for line in timeline() { output.line(line) }
    let run = rehearsal.run
    switch rehearsal.ending {
    case .finished(let outcome):
      RunReport(run, style: style) { _ in FailureEvidence(path: nil) }
        .write(outcome: outcome, elapsed: rehearsal.elapsed, to: &output)
    case .neverEnds:
      output.line()
      output.line(
        style.paint("never ends: after \(rehearsal.elapsed.forPeople) nothing happens", .bad)
      )
      writeHanging(to: &output)
    case .tooLong:
      output.line()
      output.line(
        style.paint("gave up after \(run.eventCount) events; the run had not ended", .bad)
      )
    }
  }

  private func writeHanging(to output: inout TextOutput) {
    let names = NodeNames(run.graph)
    let hanging = rehearsal.hanging
    for node in hanging.prefix(20) {
      output.line("  \(shortened(names.full(node), to: 60)) has no timeout")
    }
    if hanging.count > 20 { output.line("  and \(hanging.count - 20) more") }
    let waiting = run.graph.nodes.indices.count { run.isUnstarted($0) }
    if waiting > 0 { output.line("  \(counted(waiting, "step")) never started") }
  }

  private var run: Run { rehearsal.run }

  /// The lines of the timeline.
  ///
  /// - Parameter moments: which part of the run; nil for all of it.
  /// - Returns: the lines, at most 80 columns wide.
  package func timeline(_ moments: ClosedRange<Instant>? = nil) -> [String] {
    var display = RunDisplay(rehearsal.run.graph, style: style)
    var lines: [String] = []
    var plain = 0
    func endPlain() {
      guard let most, plain > most else { return plain = 0 }
      lines.append("          … \(counted(plain - most, "more line")) of steps that go well")
      plain = 0
    }
    for entry in rehearsal.trace {
      let clock = entry.moment.sinceOrigin.measuredColumn
      var isPlain = false
      let new: [String]
      switch entry.occurrence {
      case .told(let announcement):
        new = display.lines(for: announcement, at: entry.moment, clock: clock)
        isPlain = announcement.isPlain
      default: continue
      }
      if let moments, !moments.contains(entry.moment) { continue }
      if isPlain {
        plain += 1
        if let most, plain > most { continue }
      } else {
        endPlain()
      }
      lines += new
    }
    endPlain()
    return lines
  }
}

extension Announcement {
  /// Whether it says only that a step starts or succeeds at its first attempt.
  fileprivate var isPlain: Bool {
    switch self {
    case .attemptStarted(_, let attempt): attempt == 1
    case .stepSucceeded(_, let attempts): attempts == 1
    default: false
    }
  }
}
