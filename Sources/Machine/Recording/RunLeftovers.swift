import Clock
import Glibc
import Journal
import PlanGraph
import System
import VM

/// What an interrupted run has left.
package struct RunLeftovers: Sendable {
  /// What still runs.
  package private(set) var living: [LeftoverProcess] = []
  /// The names of steps that must not run twice, were started, and whose end is unknown.
  package private(set) var doubtful: [String] = []

  init() {}

  /// Takes in what still runs.
  mutating func add(_ handle: LeftoverProcess.Handle, _ process: Int32, step: String) {
    if living.contains(where: { $0.process == process }) { return }
    living.append(LeftoverProcess(handle, process, step: step))
  }
}

extension RunLeftovers {
  mutating func addDoubtful(_ name: String) { doubtful.append(name) }
}
