import Execution
import Glibc
package import PlanGraph
import PlanLanguage

extension LiveMachine {
  /// Goes on with an attempt that an earlier coordinator started, and was not seen to end.
  ///
  /// Told is `ended`, once it is over, and before that `started` where a process was found that was
  /// not recorded. From here on the attempt can be terminated and killed like any other.
  ///
  /// - A held step ends as its holder's record says. Where there is no record it has not begun, and
  ///   does so now.
  /// - Any other is `lost`: nobody can tell how it ended. Where its process is still there, that is
  ///   not told before it is over.
  ///
  /// Whoever calls this must be sure that the earlier coordinator is gone, and that no child of it is
  /// still on the way to its execve(2).
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - number: of the attempt.
  ///   - start: what was recorded of its start.
  package func adopt(_ node: NodeID, attempt number: Int, _ start: RecordedStart) {
    let step = graph.steps[Int(graph[node].payload)]
    guard let launcher = launcher(of: node) else { return self.start(node, number) }
    let releaseJob = releaseJob(of: node)
    let ended: (AttemptResult) -> Void = { [self] result in
      attempts[node] = nil
      events.append(.ended(node, attempt: number, result))
    }
    if let held = heldStep(node, number, launcher, of: releaseJob) {
      if held.hold.record.read() == .absent { return self.start(node, number) }
      let orphan = held.orphan(ended: ended)
      attempts[node] = orphan
      return orphan.begin()
    }
    if let identity = start.living {
      attempts[node] = OrphanAttempt(identity, machinery, ended: ended)
    } else if start.process == nil,
      let search = launcher.search(step.action, of: releaseJob, graph[node].payload),
      let identity = search.find(start)
    {
      events.append(.started(node, attempt: number, process: identity.process))
      attempts[node] = OrphanAttempt(identity, machinery, ended: ended)
    } else {
      ended(.lost)
    }
  }

  /// The name of the release job that a step belongs to; nil where its subject is wider.
  private func releaseJob(of node: NodeID) -> String? {
    let subject = graph[node].subject
    return graph.subjects.scope(subject) == .releaseJob ? graph.subjects.name(subject) : nil
  }
}
