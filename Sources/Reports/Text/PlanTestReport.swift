package import Analysis
import Clock
import Execution
import PlanGraph
package import PlanLanguage
import Words

/// How a test of a plan failed: what was expected, what happened instead, and the timeline around
/// it.
package struct PlanTestReport {
  private let tested: PlanTestRun
  private let graph: Graph

  private static let mostNodes = 3
  private static let mostLines = 14

  /// Makes the report of a test that has run.
  package init(_ tested: PlanTestRun) {
    self.tested = tested
    graph = tested.test.graph
  }

  /// A diagnostic for each expectation that was not met.
  package func diagnostics() -> [Diagnostic] {
    tested.misses.map { miss in
      let expectation = tested.test.expectations[miss.expectation]
      return Diagnostic(.expectationFailed, at: expectation.location, words(miss, expectation.kind))
    }
  }

  /// The part of the timeline around the first expectation that was not met, at most 80 columns
  /// wide.
  package func timeline() -> [String] {
    let report = RehearsalReport(tested.rehearsal, style: Style(isColored: false), most: nil)
    let lines = report.timeline()
    if lines.count <= Self.mostLines { return lines }
    var last = lines.count
    // A result of a step is shown around the moment at which the step ended or began.
    if let node = tested.misses.first?.nodes.first,
      let moment = tested.over[node] ?? tested.begun[node]
    {
      let until = report.timeline(Instant(nanoseconds: 0)...moment).count
      last = min(lines.count, until + Self.mostLines / 3)
    }
    let first = max(0, last - Self.mostLines)
    var shown = Array(lines[first..<last])
    if first > 0 { shown.insert("          … \(counted(first, "line")) before", at: 0) }
    if last < lines.count {
      shown.append("          … \(counted(lines.count - last, "more line"))")
    }
    return shown
  }

  private func words(
    _ miss: PlanTestRun.Miss,
    _ kind: PlanTest.Expectation.Kind
  ) -> String {
    switch kind {
    case .result(let result, let all):
      return each(miss.nodes, of: all.count, result.expected) { fate($0) }
    case .attempts(let count, let all):
      return each(miss.nodes, of: all.count, "expected \(counted(count, "attempt"))") {
        "it had \(tested.rehearsal.run.attempts(of: $0))"
      }
    case .before(let first, let second):
      let unbegun = miss.nodes.filter { tested.begun[$0] == nil }
      if !unbegun.isEmpty {
        return each(unbegun, of: first.count + second.count, "expected both to run") { fate($0) }
      }
      let start = second.min { (tested.begun[$0] ?? far) < (tested.begun[$1] ?? far) }
      let began = start.map { "\(graph.name($0)) began at \(time(tested.begun[$0]))" } ?? ""
      return each(miss.nodes, of: first.count, "expected to be over before the second begins") {
        "it was over at \(time(tested.over[$0])), and \(began)"
      }
    case .exit(let status):
      let found =
        tested.rehearsal.exitStatus.map { "it was \($0)" } ?? "the run never ended: \(hanging)"
      return "expected exit status \(status), but \(found)"
    case .within(let duration):
      return "expected the run to end within \(duration.forPeople), but it "
        + (tested.rehearsal.exitStatus == nil
          ? "never ended: \(hanging)" : "ended after \(tested.rehearsal.elapsed.forPeople)")
    }
  }

  private let far = Instant(nanoseconds: .max)

  private var hanging: String {
    tested.rehearsal.hanging.first.map { "\(graph.name($0)) hangs and has no timeout" }
      ?? "nothing ends it"
  }

  private func time(_ moment: Instant?) -> String {
    moment.map { $0.sinceOrigin.forPeople } ?? "no time"
  }

  /// What happened to the first few steps instead.
  private func each(
    _ nodes: [NodeID],
    of all: Int,
    _ expected: String,
    _ found: (NodeID) -> String
  ) -> String {
    let told = nodes.prefix(Self.mostNodes).map { "\(graph.name($0)): \(found($0))" }
    let rest = nodes.count - told.count
    return "\(expected), but not for "
      + (all == 1 ? "" : "\(nodes.count) of \(all) steps: ")
      + told.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }

  private func fate(_ node: NodeID) -> String {
    let run = tested.rehearsal.run
    switch run[node] {
    case .failed, .failedOptional:
      let why = run.failures[node].map { ": \(describe($0))" } ?? ""
      return "it failed\(run[node] == .failedOptional ? ", as an optional one" : "")\(why)"
    case .succeeded: return "it succeeded"
    case .skipped: return "it was skipped"
    case .blocked: return "it was blocked and never started"
    case .cancelled:
      return run.attempts(of: node) > 0 ? "it was cancelled" : "it was cancelled and never started"
    case .running: return "it never ended"
    case .waiting, .asking, .queued, .admitted, .backingOff: return "it never started"
    }
  }
}

extension PlanTest.Result {
  fileprivate var expected: String {
    switch self {
    case .succeeded: "expected to succeed"
    case .failed: "expected to fail"
    case .blocked: "expected to be blocked"
    case .skipped: "expected to be skipped"
    case .cancelled: "expected to be cancelled"
    case .started: "expected to be started"
    case .unstarted: "expected never to be started"
    }
  }
}
