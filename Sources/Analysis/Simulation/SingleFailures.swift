package import Execution
package import PlanGraph

/// What follows from each single failure in a plan: every step in turn fails in the same way.
package struct SingleFailures {
  /// What follows for the run.
  package struct Consequence: Hashable, Sendable {
    package var ending: Rehearsal.Ending
    /// The exit status of the run; nil if it never ends.
    package var exitStatus: Int32?
    /// The time that passed until the end; the longest if a row has several steps.
    package var elapsed: Duration
    /// How many other steps never started.
    package var unstarted: Int
    /// How many handlers were entered.
    package var handlers: Int
  }

  /// Steps with the same consequence.
  package struct Row: Sendable {
    /// At least one, ascending.
    package var nodes: [NodeID]
    /// How many more steps like them were not tried: those with the same text on the same
    /// deployment job.
    package var untried: Int
    package var consequence: Consequence
  }

  /// In the order of their first steps.
  package private(set) var rows: [Row] = []
  /// How many runs were rehearsed.
  package private(set) var tried = 0
  /// How many steps are left out, because there are too many kinds to try one of each.
  package private(set) var leftOut = 0

  /// The largest number of nodes, over all rehearsals, for which every step is tried.
  ///
  /// Beyond that, one step of each text and deployment job is tried.
  package static let mostWork = 4_000_000

  /// Rehearses a run for each step that would run.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - policy: the policy of the run.
  ///   - times: how long an attempt takes.
  ///   - effect: what happens to all attempts of the step.
  ///   - groupsAbove: if the plan has more steps than this, steps with the same text and the same
  ///     consequence share a row.
  ///   - mostWork: the largest number of nodes, over all rehearsals, for which every step is tried.
  ///     If even one of each kind is more than four times as much, and there are more than a
  ///     hundred kinds, only some kinds are tried, evenly spread over the plan.
  package init(
    _ graph: Graph,
    policy: RunPolicy,
    times: Table<NodeID, Duration>,
    effect: Scenario.Effect,
    groupsAbove: Int,
    mostWork: Int = SingleFailures.mostWork
  ) {
    struct Kind: Hashable {
      var template: StepTemplateID
      var deploymentJob: SubjectID?
    }
    struct Group: Hashable {
      var template: StepTemplateID
      var consequence: Consequence

      init(_ template: StepTemplateID, _ consequence: Consequence) {
        self.template = template
        self.consequence = consequence
        // Random pauses make it differ between steps that are alike otherwise.
        self.consequence.elapsed = .zero
      }
    }
    let plain = Rehearsal(graph, policy: policy, times: times, keepsTrace: false).run
    let nodes = graph.nodes.indices
      .filter { graph[$0].kind == .step && plain[$0] != .skipped }
    func kind(_ node: NodeID) -> Kind {
      Kind(
        template: graph.statement(graph[node].template),
        deploymentJob: graph.subjects.deploymentJob(of: graph[node].subject)
      )
    }
    let triesAll = nodes.count * graph.count <= mostWork
    var counts: [Kind: Int] = [:]
    if !triesAll { for node in nodes { counts[kind(node), default: 0] += 1 } }
    let mostKinds = max(100, 4 * mostWork / max(1, graph.count))
    let stride = (counts.count + mostKinds - 1) / mostKinds
    var kindsSeen = 0
    var rowOfGroup: [Group: Int] = [:]
    for node in nodes {
      var untried = 0
      if !triesAll {
        guard let count = counts.removeValue(forKey: kind(node)) else { continue }
        defer { kindsSeen += 1 }
        if !kindsSeen.isMultiple(of: stride) {
          leftOut += count
          continue
        }
        untried = count - 1
      }
      let consequence = Self.consequence(graph, policy, times, node, effect)
      tried += 1
      let group = Group(graph.statement(graph[node].template), consequence)
      if nodes.count > groupsAbove, let row = rowOfGroup[group] {
        rows[row].nodes.append(node)
        rows[row].untried += untried
        let longest = max(rows[row].consequence.elapsed, consequence.elapsed)
        rows[row].consequence.elapsed = longest
      } else {
        rowOfGroup[group] = rows.count
        rows.append(Row(nodes: [node], untried: untried, consequence: consequence))
      }
    }
  }

  private static func consequence(
    _ graph: Graph,
    _ policy: RunPolicy,
    _ times: Table<NodeID, Duration>,
    _ node: NodeID,
    _ effect: Scenario.Effect
  ) -> Consequence {
    var scenario = Scenario()
    scenario.changes = [Scenario.Change([node], effect)]
    let rehearsal = Rehearsal(
      graph,
      policy: policy,
      times: times,
      scenario: scenario,
      keepsTrace: false
    )
    let run = rehearsal.run
    return Consequence(
      ending: rehearsal.ending,
      exitStatus: rehearsal.exitStatus,
      elapsed: rehearsal.elapsed,
      unstarted: graph.nodes.indices.count { run.isUnstarted($0) },
      handlers: run.enteredHandlers.count
    )
  }
}
