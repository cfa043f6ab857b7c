package import Execution
import Machine
package import PlanGraph
package import Reports
package import VM

/// A plan that is shown, not run: the input for every format of a dry-run.
package struct DryRun {
  package let preparation: Preparation
  private let state: String?
  /// The steps that the command line leaves out, and why.
  package let leftOut: [NodeID: RunPolicy.PassOver]
  /// A run to show on top of it; nil if none is requested.
  package let overlay: RunOverlay?
  /// The supervisors, and their answers if `--ask` is given.
  package let supervisors: SupervisorAnswers
  /// The scripts of the steps, inspected when first needed.
  package let scripts: Scripts
  /// The release jobs without any step.
  package let untouched: [Untouched]
  /// What hosts found; nil if there are only folders.
  private let hostProblems: [Problem]?
  private let found = FoundProblems()

  /// Caches the inspected scripts.
  package final class Scripts {
    package var look: ScriptInspection
    init(_ look: ScriptInspection) { self.look = look }
  }

  /// Caches the problems.
  private final class FoundProblems {
    var all: [Problem]?
    var unfinished: UnfinishedRuns?
  }

  package var graph: Graph { preparation.graph }

  /// Reads, checks and compiles a plan, and reads the record of a run if there is an overlay.
  ///
  /// - Parameters:
  ///   - request: the plan, and what to show.
  ///   - tell: gets what a run would leave out, and how a recorded run differs.
  /// - Throws: an error that says why it cannot be shown. A dry-run refuses nothing, so the status
  ///   is 2, except for a damaged record.
  package init(_ request: DryRunRequest, tell: Tell) throws(CommandFailure) {
    do {
      try self.init(looking: request, tell)
    } catch {
      var failure = error
      if failure.status == .refused { failure.status = .wrong }
      throw failure
    }
  }

  private init(looking request: DryRunRequest, _ tell: Tell) throws(CommandFailure) {
    var preparation = try Preparation(request.plan, tell: tell)
    try preparation.vms.requireFolders(of: preparation.graph)
    var leftOut = try request.selection.passedOver(preparation.graph)
    let recorded = try DryRunOverlay.read(preparation, request, leavingOut: leftOut, tell: tell)
    if let recorded {
      // It shows what the run had, never other values.
      for words in recorded.differences {
        tell(.words("note: run \(recorded.overlay.run) \(words); this shows what the run had"))
      }
      preparation = recorded.preparation
      leftOut = recorded.leftOut
    }
    let supervisor = try SupervisorChoice(text: request.supervisor)
    self.preparation = preparation
    self.leftOut = leftOut
    state = request.state
    overlay = recorded?.overlay
    supervisors = try SupervisorAnswers(preparation, supervisor, isAsked: request.asksSupervisors)
    scripts = Scripts(
      ScriptInspection(
        preparation.graph,
        preparation.vms.knownFoldersByInstance(of: preparation.graph)
      )
    )
    untouched = UntouchedReleaseJobs(preparation).all
    hostProblems = try preparation.vms.hosts?
      .problems(supervisor: request.supervisor, leavingOut: Set(leftOut.keys))
  }

  /// What is known about each step.
  package func facts(isDetailed: Bool) -> StepFacts {
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

  /// What would keep a run from starting, or make it fail early.
  package func problems() -> [Problem] {
    if let all = found.all { return all }
    let all = hostProblems ?? folderProblems
    let unfinished = UnfinishedRuns(
      preparation.vms,
      state: state,
      isOnlyLooking: true
    )
    found.unfinished = unfinished
    found.all = all + unfinished.problems
    return found.all ?? []
  }

  private var folderProblems: [Problem] {
    Preflight.problems(
      graph: graph,
      vms: preparation.vms.foldersToInspect(of: graph),
      supervisor: supervisors.choice,
      leavingOut: Set(leftOut.keys),
      logNames: preparation.logNames
    )
      + FreeSpaceCheck.problems(of: preparation.vms.all.map(\.vm), state: state)
  }

  /// Reports runs that are not over.
  ///
  /// - Throws: what would keep a run from starting, or make it fail early.
  package func requireNoProblems(_ tell: Tell) throws(CommandFailure) {
    let all = problems()
    // With the same words as a run.
    let notices = found.unfinished?.notices ?? []
    if all.isEmpty { return notices.forEach(tell) }
    let ofRuns = Set(found.unfinished?.problems ?? [])
    let problems = all.filter { !ofRuns.contains($0) }
    let isRefused =
      found.unfinished?.isInTheWay == true || problems.contains { !$0.isWarning }
    throw CommandFailure(
      .wrong,
      notices + [
        .problems(problems),
        .ofCommand(
          isRefused
            ? "a run would be refused, nothing would be started"
            : "a run would start, but might not be recorded completely"
        ),
      ]
    )
  }
}
