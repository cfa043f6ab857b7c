import Execution
import Glibc
import Machine
import PlanGraph
import Reports
import VM
import Words

/// A plan that is looked at, not run: what every form of a dry-run is made from.
struct DryRun {
  let preparation: Preparation
  let arguments: ParsedArguments
  /// The steps that the command line leaves out, and why.
  let leftOut: [NodeID: RunPolicy.PassOver]
  /// A run to lay over it; nil where none is asked for.
  let overlay: RunOverlay?
  /// Who starts and stops processes, and what they say where `--ask` asks them.
  let supervisors: SupervisorAnswers
  /// The scripts of the steps, looked at when they are first asked for.
  let scripts: Scripts
  /// The release jobs that no step is about.
  let untouched: [Untouched]
  private let found: FoundProblems

  /// Scripts that remember what they looked like.
  final class Scripts {
    var look: ScriptInspection
    init(_ look: ScriptInspection) { self.look = look }
  }

  /// Problems that are found once.
  private final class FoundProblems {
    var all: [Problem]?
    var unfinished: UnfinishedRuns?
  }

  var graph: Graph { preparation.graph }

  static let options = DryRunForm.options + DryRunOverlay.options + SupervisorAnswers.options

  /// Reads, checks and compiles the plan; what is wrong is said on standard error.
  ///
  /// - Returns: nil and the exit status where it cannot be shown.
  static func make(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> (DryRun?, ExitStatus) {
    guard var preparation = try Preparation.make(arguments).0 else { return (nil, .wrong) }
    try preparation.vms.requireFolders(of: preparation.graph)
    var leftOut = try RunSelection.passedOver(preparation.graph, arguments)
    let recorded: DryRunOverlay.Recorded?
    do {
      recorded = try DryRunOverlay.read(preparation, arguments, leavingOut: leftOut)
    } catch {
      return (nil, try error.complain())
    }
    if let recorded {
      // What is shown is what the run had, and never values of another.
      for words in recorded.differences {
        let note = "note: run \(recorded.overlay.run) \(words); shown is what the run had"
        Terminal.complain(filled(safeForTerminal(note), indent: 0))
      }
      preparation = recorded.preparation
      leftOut = recorded.leftOut
    }
    let dryRun = DryRun(
      preparation: preparation,
      arguments: arguments,
      leftOut: leftOut,
      overlay: recorded?.overlay,
      supervisors: try SupervisorAnswers(preparation, arguments),
      scripts: Scripts(
        ScriptInspection(
          preparation.graph,
          preparation.vms.knownFoldersByInstance(of: preparation.graph)
        )
      ),
      untouched: UntouchedReleaseJobs(preparation).all,
      found: FoundProblems()
    )
    return (dryRun, .succeeded)
  }

  /// What is known of each step.
  func facts(isDetailed: Bool) -> StepFacts {
    let vms = preparation.vms.knownFoldersByInstance(of: graph)
    let units = PlannedUnits(graph, vms, supervisors.choice)
    return StepFacts(
      graph,
      StepFacts.Sources(
        passedOver: leftOut,
        overlay: overlay,
        placement: { preparation.placement($0, units) },
        script: { node in
          scripts.look.look(node).map { ScriptFacts(scripts.look.found[$0]) }
        }
      ),
      isDetailed: isDetailed
    )
  }

  /// What would keep a run from starting, or from getting far.
  func problems() -> [Problem] {
    if let all = found.all { return all }
    let vms = preparation.vms.foldersToInspect(of: graph)
    let all =
      Preflight.problems(
        graph: graph,
        vms: vms,
        supervisor: supervisors.choice,
        leavingOut: Set(leftOut.keys),
        logNames: preparation.logNames
      )
      + FreeSpaceCheck.problems(of: preparation.vms.all.map(\.vm), state: arguments["--state"])
    let unfinished = UnfinishedRuns(
      preparation.vms,
      state: arguments[RunOptions.stateOption.name],
      isOnlyLooking: true
    )
    found.unfinished = unfinished
    found.all = all + unfinished.problems
    return found.all ?? []
  }

  /// Says what would keep a run from starting.
  ///
  /// - Returns: the exit status.
  func verdict() -> ExitStatus {
    let all = problems()
    // In the words of the run.
    let isInTheWay = found.unfinished?.complain() ?? false
    if all.isEmpty { return .succeeded }
    let ofRuns = Set(found.unfinished?.problems ?? [])
    let problems = all.filter { !ofRuns.contains($0) }
    Preparation.complain(problems)
    let isRefused = isInTheWay || problems.contains { !$0.isWarning }
    Terminal.complain(
      isRefused
        ? "lockstep dry-run: a run would be refused, nothing would be started\n"
        : "lockstep dry-run: a run would start, and might not be recorded to its end\n"
    )
    return .wrong
  }
}
