package import Clock
import Execution
package import PlanGraph

/// A plan test that has been carried out: the rehearsed run, and the expectations that were not
/// met.
package struct PlanTestRun {
  /// An expectation that was not met.
  package struct Miss {
    /// Its index among the test's expectations.
    package var expectation: Int
    /// The steps for which it was not met, ascending; none if it is about the whole run.
    package var nodes: [NodeID]
  }

  package let test: PlanTest
  package let rehearsal: Rehearsal
  /// In the order of the expectations.
  package private(set) var misses: [Miss] = []
  /// When the first attempt of each started step began.
  package private(set) var begun: [NodeID: Instant] = [:]
  /// When the last attempt of each started step ended.
  package private(set) var over: [NodeID: Instant] = [:]

  /// Carries out a test.
  ///
  /// Unless the test says otherwise, every step takes `StepDurations.defaultStandard`, and a start
  /// takes its settle time on top.
  package init(_ test: PlanTest) {
    self.test = test
    var scenario = Scenario()
    scenario.changes = test.madeUp.map {
      Scenario.Change($0.nodes, Scenario.Effect($0.fate), attempts: $0.attempts)
    }
    scenario.refused = test.refused
    scenario.cancellations = test.cancellations.map { ($0, 15) }
    rehearsal = Rehearsal(
      test.graph,
      policy: RunPolicy(),
      times: StepDurations().times(in: test.graph),
      scenario: scenario
    )
    for entry in rehearsal.trace {
      switch entry.occurrence {
      case .performed(.start(let node, _, _)): begun[node] = begun[node] ?? entry.moment
      case .over(let node, _, _): over[node] = entry.moment
      default: break
      }
    }
    for (index, expectation) in test.expectations.enumerated() {
      if let nodes = disappointment(expectation.kind) {
        misses.append(Miss(expectation: index, nodes: nodes))
      }
    }
  }

  private var run: Run { rehearsal.run }

  /// The steps for which an expectation was not met; nil if it was met.
  private func disappointment(_ kind: PlanTest.Expectation.Kind) -> [NodeID]? {
    func unless(_ nodes: [NodeID], _ isMet: (NodeID) -> Bool) -> [NodeID]? {
      let others = nodes.filter { !isMet($0) }
      return others.isEmpty ? nil : others
    }
    switch kind {
    case .result(let result, let nodes): return unless(nodes) { has($0, result) }
    case .before(let first, let second):
      let unbegun = (first + second).filter { begun[$0] == nil || over[$0] == nil }
      if !unbegun.isEmpty { return unbegun }
      guard let start = second.compactMap({ begun[$0] }).min() else { return second }
      return unless(first) { over[$0].map { $0 <= start } ?? false }
    case .attempts(let count, let nodes): return unless(nodes) { run.attempts(of: $0) == count }
    case .exit(let status): return rehearsal.exitStatus == Int32(status) ? nil : []
    case .within(let duration):
      return rehearsal.exitStatus != nil && rehearsal.elapsed <= duration ? nil : []
    }
  }

  private func has(_ node: NodeID, _ result: PlanTest.Result) -> Bool {
    switch result {
    case .succeeded: run[node] == .succeeded
    case .failed: run[node] == .failed || run[node] == .failedOptional
    case .blocked: run[node] == .blocked
    case .skipped: run[node] == .skipped
    case .cancelled: run[node] == .cancelled
    case .started: run.attempts(of: node) > 0
    case .unstarted: run.attempts(of: node) == 0
    }
  }
}

extension Scenario.Effect {
  fileprivate init(_ fate: PlanTest.Fate) {
    switch fate {
    case .fails: self = .fails
    case .exits(let status): self = .exits(Int32(status))
    case .dies: self = .dies(9)
    case .hangs: self = .hangs
    case .takes(let duration): self = .takes(duration)
    }
  }
}
