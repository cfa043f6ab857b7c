import Clock
package import Execution
import PlanGraph

/// Gathers the durations of successful attempts from the journals of earlier runs.
package struct DurationHistory: Sendable {
  /// The number of runs read.
  package private(set) var runs = 0
  private var samples: [String: [Duration]] = [:]

  /// Makes an empty history.
  package init() {}

  /// Adds a run.
  ///
  /// Steps that were asked to end, by a timeout or a signal, are left out. So are steps that were
  /// running when the run was interrupted.
  ///
  /// - Throws: if its journal cannot be read. Then nothing of it is added.
  package mutating func add(_ contents: JournalContents) throws(JournalContents.Unreadable) {
    var reading = Reading()
    try contents.forEachEvent(nil) { entry, session in reading.take(entry, session) }
    runs += 1
    if reading.found.isEmpty { return }
    for step in contents.header.steps {
      guard let durations = reading.found[step.node] else { continue }
      samples[step.name, default: []] += durations
    }
  }

  /// The result: the median for each full name; for an even number of values the lower of the two.
  package func durations(standard: Duration = StepDurations.defaultStandard) -> StepDurations {
    StepDurations(
      measured: samples.mapValues { $0.sorted()[($0.count - 1) / 2] },
      standard: standard
    )
  }

  /// The durations in the events of one run.
  private struct Reading {
    var found: [NodeID: [Duration]] = [:]
    private var open: [NodeID: (start: Instant, session: Int, isAsked: Bool)] = [:]

    mutating func take(_ entry: JournalContents.Entry, _ session: Int) {
      switch entry.event {
      case .started(let node, _, let process):
        // A second record without a process corrects the first.
        if process == nil, open[node] != nil { return }
        open[node] = (entry.moment, session, false)
      case .ended(let node, _, let result):
        guard let start = open.removeValue(forKey: node), start.session == session,
          !start.isAsked, result == .exited(0)
        else { return }
        found[node, default: []].append(max(.zero, entry.moment - start.start))
      case .fired(.timeout(let node)): open[node]?.isAsked = true
      case .fired(.blockTimeout), .cancelled:
        for node in open.keys { open[node]?.isAsked = true }
      default: break
      }
    }
  }
}
