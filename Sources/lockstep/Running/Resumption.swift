import Execution
import Glibc
import Journal
import Machine
import PlanGraph
import Reports
import System
import VM
import Words

/// Goes on with a run.
struct Resumption {
  private let found: FoundRun
  private let arguments: ParsedArguments
  private let assumptions: Assumptions
  private let isColored: Bool
  private let isExplaining: Bool
  private let acceptsChanges: Bool
  private let keep: Int

  init(_ found: FoundRun, _ arguments: ParsedArguments) throws(ResumeFailure) {
    self.found = found
    self.arguments = arguments
    isExplaining = arguments.isSet("--explain")
    acceptsChanges = arguments.isSet("--accept-changes")
    do throws(UsageError) {
      assumptions = try Assumptions(arguments)
      isColored = try Terminal.usesColor(STDOUT_FILENO, arguments)
      keep = try RunOptions.keep(arguments)
    } catch {
      throw .usage(error)
    }
  }

  /// The plan as it is today, on the run's machines.
  private struct Today {
    var preparation: Preparation
    var vms: [SubjectID: VMFolder]
    var supervisor: SupervisorChoice
    var graph: Graph { preparation.graph }
  }

  /// Resumes the run, or explains what that would do; gives the exit status.
  func run() throws(ResumeFailure) -> Int32 {
    let before = try found.read()
    let input = RecordedInput(before.header, arguments, isOnlyLooking: isExplaining)
    let today = try place(try input.prepare(), before.header)
    if isExplaining { return try explain(before, today) }
    let lock: VMLock
    do {
      lock = try VMLock(today.preparation.vms.all.map(\.vm))
    } catch {
      throw .problems([error])
    }
    defer { withExtendedLifetime(lock) {} }
    warnOfLaterRuns()
    try refuseOthers(today)
    // What was written between the first look and the lock counts too.
    let contents = try found.read(after: before)
    let changes = try changes(contents.header, today)
    if changes.isEmpty { return try goOn(contents, today) }
    if acceptsChanges { return try startAnew(contents, changes, today) }
    changes.complain()
    throw .status(.refused)
  }

  private func place(
    _ preparation: Preparation,
    _ header: RunHeader
  ) throws(ResumeFailure) -> Today {
    do throws(UsageError) {
      return Today(
        preparation: preparation,
        vms: try preparation.vms.foldersByInstance(of: preparation.graph),
        supervisor: try RunOptions.supervisor(header.supervisor)
      )
    } catch {
      throw .usage(error)
    }
  }

  private func changes(
    _ header: RunHeader,
    _ today: Today
  ) throws(ResumeFailure) -> PlanChanges {
    do {
      let now = try RunHeader(
        today.preparation,
        today.vms,
        policy: header.policy,
        supervisor: header.supervisor
      )
      return PlanChanges(from: header, to: now)
    } catch {
      throw .problems([error])
    }
  }

  /// What other runs have left running must not be run beside.
  private func refuseOthers(_ today: Today) throws(ResumeFailure) {
    var others = UnfinishedRuns(
      today.preparation.vms,
      state: found.state,
      but: found.folder,
      isOnlyLooking: false
    )
    // What they have left in doubt is asked about when they go on themselves.
    others.keepLiving()
    if others.complain() { throw .status(.refused) }
  }

  /// A person may mean it so, but should know.
  private func warnOfLaterRuns() {
    if let other = found.folder.givenUpFor {
      Terminal.complain(
        filled("warning: run \(found.folder.id) was given up for run \(other)", indent: 0)
      )
    }
    guard let last = found.later.first else { return }
    let others = found.later.count > 1 ? ", the last of \(found.later.count)," : ""
    Terminal.complain(
      filled(
        "warning: run \(last)\(others) was begun after this one, and may have undone what this one "
          + "takes for done",
        indent: 0
      )
    )
  }

  // MARK: Explaining

  private func explain(
    _ contents: JournalContents,
    _ today: Today
  ) throws(ResumeFailure) -> Int32 {
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
    } else if acceptsChanges {
      var changed = try ChangedPlan(found, contents, changes, try machine(today))
      for (node, assumption) in try resolved(among: changed.doubtful, today.graph) {
        changed.assume(node, assumption)
      }
      explanation = changed.explanation(contents)
    } else {
      changes.complain()
      throw .status(.refused)
    }
    if let holder {
      explanation.remarks.append(
        "\(holder.words) is at work on the VM; nothing can be resumed before it has ended"
      )
    }
    warnOfLaterRuns()
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    explanation.write(today.graph, to: &output)
    output.flush()
    return ExitStatus.succeeded.rawValue
  }

  /// A machine that nothing is started on, to look for what is left of the run.
  private func machine(
    _ today: Today,
    _ starts: [NodeID: RecordedStart] = [:]
  ) throws(ResumeFailure) -> LiveMachine {
    do {
      return try LiveMachine(
        graph: today.graph,
        vms: today.vms,
        supervisor: today.supervisor,
        recorded: starts
      )
    } catch {
      throw .problems([Problem(path: found.folder.path, what: "\(error)")])
    }
  }

  private func resolved(
    among doubtful: [DoubtfulStep],
    _ graph: Graph
  ) throws(ResumeFailure) -> [(node: NodeID, assumption: Assumption)] {
    do {
      return try assumptions.resolved(among: Set(doubtful.map(\.node)), graph)
    } catch {
      throw .usage(error)
    }
  }

  // MARK: Going on

  /// Goes on with the run itself.
  private func goOn(_ contents: JournalContents, _ today: Today) throws(ResumeFailure) -> Int32 {
    let past = try RecordedPast(found, contents, today.graph)
    if past.run.outcome == .succeeded {
      // Where it was cut short between its end and the word that it is over.
      found.forget(today.preparation.vms)
      Terminal.answer("run \(contents.header.run) succeeded; nothing is left to do\n")
      return ExitStatus.succeeded.rawValue
    }
    let doubtful = past.doubtful()
    let assumed = try resolved(among: doubtful, today.graph)
    try refuse(doubtful.filter { step in !assumed.contains { $0.node == step.node } }, today.graph)
    var outlook = past
    for (node, assumption) in assumed { outlook.assume(node, assumption, at: .now) }
    try look(today, leavingOut: outlook.settled())
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
      throw .problems([error])
    }
    for (node, assumption) in assumed {
      _ = records.run.handle(.assumed(node, assumption), at: .now)
    }
    return live(records, today).drive(from: .resumed(past.lapse))
  }

  /// Begins a new run of the changed plan, which takes over what is the same and succeeded.
  private func startAnew(
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ today: Today
  ) throws(ResumeFailure) -> Int32 {
    var changed = try ChangedPlan(found, contents, changes, try machine(today))
    // A process of the earlier run cannot be seen through by a run of another plan.
    let underWay = changed.underWay.map { name, process in
      Problem(
        path: name,
        what: "is still under way, as process \(process)",
        help: "wait until it has ended, or put back the plan and resume without changes"
      )
    }
    if !underWay.isEmpty { throw .problems(underWay) }
    for (node, assumption) in try resolved(among: changed.doubtful, today.graph) {
      changed.assume(node, assumption)
    }
    try refuse(changed.doubtful, today.graph)
    try look(today, leavingOut: Set(changed.passedOver.keys))
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
      throw .problems([error])
    }
    records.coordinators = contents.sessions.coordinators
    found.forget(today.preparation.vms)
    return live(records, today).drive(from: .began)
  }

  /// Refuses where something has to be assumed and is not.
  private func refuse(_ doubtful: [DoubtfulStep], _ graph: Graph) throws(ResumeFailure) {
    if doubtful.isEmpty { return }
    for step in doubtful { step.complain(graph) }
    if !found.resumeLines.isEmpty {
      let lines = found.resumeLines.map { "    \(safeForTerminal($0))\n" }
      Terminal.complain("  behind\n" + lines.joined())
    }
    throw .status(.refused)
  }

  /// Refuses where something is sure to fail.
  private func look(_ today: Today, leavingOut settled: Set<NodeID>) throws(ResumeFailure) {
    let problems = Preflight.problems(
      graph: today.graph,
      vms: today.vms,
      supervisor: today.supervisor,
      leavingOut: settled
    )
    if !problems.isEmpty { throw .problems(problems) }
  }

  private func live(_ records: RunRecords, _ today: Today) -> LiveRun {
    LiveRun(
      command: ResumeCommand.spec.name,
      preparation: today.preparation,
      vms: today.vms,
      supervisor: today.supervisor,
      records: records,
      style: Style(isColored: isColored),
      isQuiet: arguments.isSet(RunOptions.quietOption.name),
      keep: keep
    )
  }
}
