import Execution
import Journal
import Machine
package import PlanGraph
import System
import VM

/// Resumes a run, or explains what that would do.
package struct Resumption {
  private let found: FoundRun
  private let request: ResumeRequest
  private let tell: Tell

  /// Prepares to resume.
  ///
  /// - Parameters:
  ///   - found: the run.
  ///   - request: how to resume it.
  ///   - tell: gets what a person should know beforehand.
  package init(_ found: FoundRun, _ request: ResumeRequest, tell: @escaping Tell) {
    self.found = found
    self.request = request
    self.tell = tell
  }

  /// The current plan, on the run's machines.
  private struct Today {
    var preparation: Preparation
    var vms: [SubjectID: VMFolder]
    var supervisor: SupervisorChoice
    /// The same as it was written.
    var supervisorText: String
    var graph: Graph { preparation.graph }
  }

  /// Resumes the run.
  ///
  /// - Parameter audience: gets what happens.
  /// - Returns: how it ended.
  /// - Throws: an error that says why nothing was started.
  package func run(_ audience: any RunAudience) throws(CommandFailure) -> RunResult {
    let (before, today) = try look(isOnlyLooking: false)
    let lock: VMLock
    try today.preparation.vms.hosts?.lock(patience: .zero, tell)
    do {
      lock = try VMLock(today.preparation.vms.all.map(\.vm))
    } catch {
      throw .locked(error, today.preparation.vms)
    }
    warnOfLaterRuns()
    try refuseOthers(today)
    // What was written between the first read and the lock counts too.
    let contents = try found.read(after: before)
    let changes = try changes(contents.header, today)
    if changes.isEmpty { return try goOn(contents, today, lock, audience) }
    guard request.acceptsChanges else { throw changes.refusal }
    return try startAnew(contents, changes, today, lock, audience)
  }

  /// Reads the run and prepares its current plan.
  private func look(
    isOnlyLooking: Bool
  ) throws(CommandFailure) -> (contents: JournalContents, today: Today) {
    let contents = try found.read()
    let preparation = try RecordedInput(
      contents.header,
      request.run,
      given: request.parameters,
      isOnlyLooking: isOnlyLooking
    ).prepare(tell)
    try preparation.vms.hosts?
      .readScripts(of: preparation.graph, supervisor: contents.header.supervisor)
    let today = Today(
      preparation: preparation,
      vms: try preparation.vms.foldersByInstance(of: preparation.graph),
      supervisor: try SupervisorChoice(text: contents.header.supervisor),
      supervisorText: contents.header.supervisor
    )
    return (contents, today)
  }

  private func changes(
    _ header: RunHeader,
    _ today: Today
  ) throws(CommandFailure) -> PlanChanges {
    do {
      let now = try RunHeader(
        today.preparation,
        today.vms,
        policy: header.policy,
        supervisor: header.supervisor
      )
      return PlanChanges(from: header, to: now)
    } catch {
      throw .refused([error])
    }
  }

  /// Steps that other runs have left running must not be run at the same time.
  private func refuseOthers(_ today: Today) throws(CommandFailure) {
    var others = UnfinishedRuns(
      today.preparation.vms,
      state: found.state,
      but: found.folder,
      isOnlyLooking: false
    )
    // Their steps in doubt are decided when they are resumed themselves.
    others.keepLiving()
    try others.refuseIfInTheWay(tell)
    try today.preparation.vms.hosts?
      .settleEarlierRuns(but: found.folder.id.text, isEnding: { _ in nil }, tell)
  }

  /// This may be intended, but a person should know.
  private func warnOfLaterRuns() {
    if let other = found.folder.givenUpFor {
      tell(.words("warning: run \(found.folder.id) was abandoned for run \(other)"))
    }
    guard let last = found.later.first else { return }
    let others = found.later.count > 1 ? ", the last of \(found.later.count)," : ""
    tell(
      .words(
        "warning: run \(last)\(others) was started after this one, and may have undone what this one "
          + "assumes to be done"
      )
    )
  }

  // MARK: Explaining

  /// Explains what a resume would do.
  ///
  /// It changes nothing and takes no lock.
  package func explain() throws(CommandFailure) -> (ResumeExplanation, of: Graph) {
    let (contents, today) = try look(isOnlyLooking: true)
    let changes = try changes(contents.header, today)
    let holder = VMLock.holder(of: today.preparation.vms.all.map(\.vm))
    var explanation: ResumeExplanation
    if changes.isEmpty {
      var past = try RecordedPast(found, contents, today.graph)
      for (node, assumption) in try resolved(among: past.doubtful(), today.graph) {
        past.assume(node, assumption, at: .now)
      }
      let session = contents.sessions.last
      explanation = past.explanation(
        orphan: try machine(today, past.starts).orphan,
        isDriven: holder?.process == session?.process
          && session.map { isThisBoot($0.boot) } ?? false
      )
    } else if request.acceptsChanges {
      var changed = try changedPlan(contents, changes, today)
      for (node, assumption) in try resolved(among: changed.doubtful, today.graph) {
        changed.assume(node, assumption)
      }
      explanation = changed.explanation(contents)
    } else {
      throw changes.refusal
    }
    if let holder {
      explanation.remarks.append(
        "\(holder.words) is working on the VM; nothing can be resumed before it has ended"
      )
    }
    warnOfLaterRuns()
    return (explanation, today.graph)
  }

  /// A machine on which nothing starts, to look for what is left of the run.
  private func machine(
    _ today: Today,
    _ starts: [NodeID: RecordedStart] = [:]
  ) throws(CommandFailure) -> LiveMachine {
    do {
      return try LiveMachine(
        graph: today.graph,
        vms: today.vms,
        supervisor: today.supervisor,
        recorded: starts
      )
    } catch {
      throw .refused([Problem(path: found.folder.path, what: "\(error)")])
    }
  }

  private func changedPlan(
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ today: Today
  ) throws(CommandFailure) -> ChangedPlan {
    let machine = try machine(today)
    return try ChangedPlan(found, contents, changes, today.graph, machine.unrecordedOrphans)
  }

  private func resolved(
    among doubtful: [DoubtfulStep],
    _ graph: Graph
  ) throws(CommandFailure) -> [(node: NodeID, assumption: Assumption)] {
    try request.assumptions.resolved(among: Set(doubtful.map(\.node)), graph)
  }

  // MARK: Going on

  /// Resumes the run itself.
  private func goOn(
    _ contents: JournalContents,
    _ today: Today,
    _ lock: VMLock,
    _ audience: any RunAudience
  ) throws(CommandFailure) -> RunResult {
    let past = try RecordedPast(found, contents, today.graph)
    if past.run.outcome == .succeeded {
      // If it was interrupted between its end and the note that it is over.
      found.forget(today.preparation.vms)
      return .nothingLeft(run: contents.header.run)
    }
    let doubtful = past.doubtful()
    let assumed = try resolved(among: doubtful, today.graph)
    try refuse(doubtful.filter { step in !assumed.contains { $0.node == step.node } }, today.graph)
    var outlook = past
    for (node, assumption) in assumed { outlook.assume(node, assumption, at: .now) }
    try checkMachines(today, leavingOut: outlook.settled())
    let records: RunRecords
    do {
      records = try RunRecords(
        past.run,
        found,
        contents,
        today.preparation.vms,
        starts: past.starts
      )
    } catch {
      throw .refused([error])
    }
    for (node, assumption) in assumed {
      _ = records.run.handle(.assumed(node, assumption), at: .now)
    }
    return .ended(try live(records, today, lock).drive(from: .resumed(past.lapse), audience))
  }

  /// Begins a new run of the changed plan, which takes over unchanged steps that succeeded.
  private func startAnew(
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ today: Today,
    _ lock: VMLock,
    _ audience: any RunAudience
  ) throws(CommandFailure) -> RunResult {
    var changed = try changedPlan(contents, changes, today)
    // A run of another plan cannot wait for a process of the earlier run.
    let underWay = changed.underWay.map { name, process in
      Problem(
        path: name,
        what: "is still running, as process \(process)",
        help: "wait until it has ended, or restore the plan and resume without changes"
      )
    }
    if !underWay.isEmpty { throw .refused(underWay) }
    for (node, assumption) in try resolved(among: changed.doubtful, today.graph) {
      changed.assume(node, assumption)
    }
    try refuse(changed.doubtful, today.graph)
    try checkMachines(today, leavingOut: Set(changed.passedOver.keys))
    var policy = contents.header.policy
    policy.passedOver = changed.passedOver
    var records: RunRecords
    do {
      var header = try RunHeader(
        today.preparation,
        today.vms,
        policy: policy,
        supervisor: contents.header.supervisor
      )
      header.continues = contents.header.run
      records = try RunRecords(
        Run(today.graph, policy: policy),
        header: header,
        state: found.state,
        today.preparation.vms
      )
    } catch {
      throw .refused([error])
    }
    records.coordinators = contents.sessions.coordinators
    found.forget(today.preparation.vms)
    return .ended(try live(records, today, lock).drive(from: .began, audience))
  }

  /// Refuses if a needed decision is missing.
  private func refuse(_ doubtful: [DoubtfulStep], _ graph: Graph) throws(CommandFailure) {
    if doubtful.isEmpty { return }
    var notices = doubtful.map { $0.notice(graph) }
    if !found.resumeLines.isEmpty {
      let lines = found.resumeLines.map { Paragraph($0, indent: 4, isVerbatim: true) }
      notices.append(.paragraphs([Paragraph("behind", indent: 2)] + lines))
    }
    throw CommandFailure(.refused, notices)
  }

  /// Refuses if something is certain to fail.
  private func checkMachines(
    _ today: Today,
    leavingOut settled: Set<NodeID>
  ) throws(CommandFailure) {
    let problems = try today.preparation.problems(
      on: today.vms,
      supervisor: today.supervisorText,
      leavingOut: settled
    )
    if !problems.isEmpty { throw .refused(problems) }
  }

  private func live(_ records: RunRecords, _ today: Today, _ lock: VMLock) -> LiveRun {
    LiveRun(
      preparation: today.preparation,
      vms: today.vms,
      supervisor: today.supervisor,
      supervisorText: today.supervisorText,
      records: records,
      lock: lock,
      keep: request.keep
    )
  }
}
