import Execution
import Glibc
import Machine
import PlanGraph
import Reports

/// A plan that is looked at, not run: what every form of a dry-run is made from.
struct DryRun {
  let preparation: Preparation
  let arguments: ParsedArguments
  /// The steps that the command line leaves out, and why.
  let leftOut: [NodeID: RunPolicy.PassOver]

  var graph: Graph { preparation.graph }

  /// Reads, checks and compiles the plan; what is wrong is said on standard error.
  ///
  /// - Returns: nil where it cannot be run.
  static func make(_ arguments: ParsedArguments) throws(UsageError) -> DryRun? {
    guard let preparation = try Preparation.make(arguments).0 else { return nil }
    try preparation.machines.requireRoots(of: preparation.graph)
    return DryRun(
      preparation: preparation,
      arguments: arguments,
      leftOut: try RunSelection.passedOver(preparation.graph, arguments)
    )
  }

  /// What would keep a run from starting.
  func problems() -> [Problem] {
    Preflight.problems(
      graph: graph,
      roots: preparation.machines.rootsToLookAt(of: graph),
      leavingOut: Set(leftOut.keys)
    )
  }

  /// Says what would keep a run from starting.
  ///
  /// - Returns: the exit status.
  func verdict() -> ExitStatus {
    let problems = problems()
    if problems.isEmpty { return .succeeded }
    Preparation.complain(problems)
    Terminal.complain("lockstep dry-run: a run would be refused, nothing would be started\n")
    return .wrong
  }
}
