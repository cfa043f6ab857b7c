import Execution
import Glibc
package import PlanGraph
import PlanLanguage
import System

extension LiveMachine {
  /// Goes on with an attempt that an earlier coordinator began, and was not seen to end.
  ///
  /// Told is `ended`, once it is over, and before that `started` where a process was found that was
  /// not recorded. Until then the attempt can be terminated and killed like any other.
  ///
  /// - A held step ends as its holder's record says. Where there is no record it was not started, and
  ///   never will be.
  /// - Any other is `lost`: nobody can tell how it ended. Where its process is still there, that is
  ///   not told before it is over.
  ///
  /// By now the earlier coordinator is gone, and no child of it is still on the way to its execve(2):
  /// it would still hold the lock of the root.
  package func recover(_ node: NodeID, attempt number: Int) {
    let ended: (AttemptResult) -> Void = { [self] result in
      attempts[node] = nil
      report(.ended(node, attempt: number, result))
    }
    guard let launcher = launcher(of: node) else { return ended(.lost) }
    if let held = heldStep(node, number, launcher, of: nameOfReleaseJob(node)) {
      if held.hold.record.withdraw() { return ended(.notStarted) }
      let orphan = held.orphan(ended: ended)
      attempts[node] = orphan
      return orphan.begin()
    }
    guard let identity = livingProcess(of: node) else { return ended(.lost) }
    if recorded[node]?.process == nil {
      report(.started(node, attempt: number, process: identity.process))
    }
    attempts[node] = OrphanAttempt(identity, machinery, ended: ended)
  }

  /// The process of an attempt that an earlier coordinator began, and was not seen to end, of a step
  /// that is not held.
  ///
  /// - Parameter node: the step.
  /// - Returns: nil where there is none any more.
  package func orphan(of node: NodeID) -> Int32? { livingProcess(of: node)?.process }

  private func livingProcess(of node: NodeID) -> ProcessIdentity? {
    guard let start = recorded[node] else { return nil }
    if start.process != nil { return start.living }
    let step = graph.steps[graph[node].template]
    return launcher(of: node)?
      .search(step.action, of: nameOfReleaseJob(node), graph[node].template)?.find(start)
  }

  /// The name of the release job that a step belongs to; nil where its subject is wider.
  func nameOfReleaseJob(_ node: NodeID) -> String? {
    let subject = graph[node].subject
    return graph.subjects.scope(subject) == .releaseJob ? graph.subjects.name(subject) : nil
  }
}
