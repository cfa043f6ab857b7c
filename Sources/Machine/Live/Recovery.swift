import Execution
import Glibc
package import PlanGraph
import PlanLanguage
import System

extension LiveMachine {
  /// Continues an attempt that an earlier coordinator began and did not see end.
  ///
  /// The run gets `ended` once the attempt is over, and before that `started` if an unrecorded
  /// process was found. Until then the attempt can be terminated and killed like any other.
  ///
  /// - A held step ends as its holder's record says. If there is no record, it was not started and
  ///   never will be.
  /// - Any other is `lost`: it is unknown how it ended. If its process still exists, this is
  ///   reported when that is over.
  ///
  /// By now the earlier coordinator is gone, and none of its children is still on its way to
  /// execve(2): that child would still hold the VM's lock.
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

  /// The process of an attempt that an earlier coordinator began and did not see end, for a step
  /// that is not held.
  ///
  /// - Parameter node: the step.
  /// - Returns: nil if it no longer exists.
  package func orphan(of node: NodeID) -> Int32? { livingProcess(of: node)?.process }

  private func livingProcess(of node: NodeID) -> ProcessIdentity? {
    guard let start = recorded[node] else { return nil }
    if start.process != nil { return start.living }
    let step = graph.steps[graph[node].template]
    return launcher(of: node)?
      .search(step.action, of: nameOfReleaseJob(node), graph[node].template)?.find(start)
  }

  /// The name of the release job that a step belongs to; nil if its subject is wider.
  func nameOfReleaseJob(_ node: NodeID) -> String? {
    let subject = graph[node].subject
    return graph.subjects.scope(subject) == .releaseJob ? graph.subjects.name(subject) : nil
  }
}
