import Execution
import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// Why a run is not resumed.
enum ResumeFailure: Error {
  case usage(UsageError)
  case problems([Problem])
  /// The journal cannot be trusted.
  case damaged(Problem)
  /// What is wrong has been said.
  case status(ExitStatus)
}

/// Goes on with a run.
struct Resumption {
  private let found: FoundRun
  private let arguments: ParsedArguments
  private let assumptions: [(step: String, assumption: Assumption)]
  private let isColored: Bool

  init(_ found: FoundRun, _ arguments: ParsedArguments) throws(ResumeFailure) {
    self.found = found
    self.arguments = arguments
    do throws(UsageError) {
      assumptions = try Self.assumptions(arguments)
      isColored = try Terminal.usesColor(STDOUT_FILENO, arguments)
    } catch {
      throw .usage(error)
    }
  }

  private static func assumptions(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> [(step: String, assumption: Assumption)] {
    var result: [(step: String, assumption: Assumption)] = []
    for text in arguments.all("--assume") {
      // A step's name may hold a '='.
      guard let equals = text.lastIndex(of: "="), equals != text.startIndex,
        let assumption = Assumption(rawValue: String(text[text.index(after: equals)...]))
      else {
        throw UsageError(message: "'--assume' takes STEP=done or STEP=again, not '\(text)'")
      }
      result.append((String(text[..<equals]), assumption))
    }
    return result
  }

  /// Resumes the run, or explains what that would do; gives the exit status.
  func run() throws(ResumeFailure) -> Int32 {
    let contents = try read(found.folder)
    let preparation = try prepare(contents.header)
    let roots: [SubjectID: VMRoot]
    let supervisor: SupervisorChoice
    do throws(UsageError) {
      roots = try preparation.machines.roots(of: preparation.graph)
      supervisor = try RunOptions.supervisor(contents.header.supervisor)
    } catch {
      throw .usage(error)
    }
    if arguments.isSet("--explain") { return try explain(contents, preparation, roots) }
    let lock = try lock(preparation)
    defer { withExtendedLifetime(lock) {} }
    // What was written between the first look and the lock counts too.
    let now = try read(found.folder)
    let changes = changes(now.header, preparation, roots)
    if !changes.isEmpty {
      if !arguments.isSet("--accept-changes") { throw refuse(changes) }
      return try startAnew(now, changes, preparation, roots, supervisor)
    }
    var past = try past(now, preparation.graph)
    if past.run.outcome == .succeeded {
      Terminal.answer("run \(now.header.run) succeeded; nothing is left to do\n")
      return ExitStatus.succeeded.rawValue
    }
    let assumed = try assume(&past, preparation.graph)
    let problems = Preflight.problems(
      graph: preparation.graph,
      roots: roots,
      supervisor: supervisor
    )
    if !problems.isEmpty { throw .problems(problems) }
    return try drive(past, assumed, preparation, roots, supervisor)
  }

  // MARK: The past

  private func read(_ folder: RunFolder) throws(ResumeFailure) -> JournalContents {
    let bytes: [UInt8]
    do {
      bytes = try folder.readJournal().withUnsafeBytes { Array($0) }
    } catch {
      throw .problems([error])
    }
    do {
      return try JournalContents(bytes)
    } catch {
      throw unreadable(error)
    }
  }

  private func unreadable(_ error: JournalContents.Unreadable) -> ResumeFailure {
    .damaged(
      Problem(
        path: found.folder.journalPath,
        what: "\(error.words), at byte \(error.offset)",
        help: "restore it from a copy, or run the plan anew"
      )
    )
  }

  private func past(
    _ contents: JournalContents,
    _ graph: Graph
  ) throws(ResumeFailure) -> RecordedPast {
    do {
      return try RecordedPast(contents, graph)
    } catch {
      throw unreadable(error)
    }
  }

  // MARK: The plan of today

  private func prepare(_ header: RunHeader) throws(ResumeFailure) -> Preparation {
    let input: Preparation.Input
    do throws(UsageError) {
      let given = try Preparation.parameters(arguments)
      var parameters = Dictionary(header.parameters.map { ($0.name, $0.value) }) { $1 }
      for (name, value) in given.sorted(by: { $0.key < $1.key }) {
        if !header.secrets.contains(name), parameters[name] != value {
          throw UsageError(
            message: "the run was begun with another value of '\(name)', or none",
            help: "only secret params are given again; for other values run the plan anew"
          )
        }
        parameters[name] = value
      }
      if let missing = header.secrets.first(where: { given[$0] == nil }) {
        throw UsageError(
          message: "the secret param '\(missing)' is not recorded and has to be given again",
          help: "write --set-file \(missing)=FILE or --set \(missing)=VALUE"
        )
      }
      input = Preparation.Input(
        plan: try plan(header),
        parameters: parameters,
        facts: Dictionary(header.facts.map { ($0.name, $0.value) }) { $1 },
        machines: MachineSelection.Request(header.machines),
        color: try Terminal.usesColor(STDERR_FILENO, arguments)
      )
    } catch {
      throw .usage(error)
    }
    let (made, status) = Preparation.make(input)
    guard let made else { throw .status(status == .wrong ? .wrong : .refused) }
    return made
  }

  private func plan(_ header: RunHeader) throws(UsageError) -> LoadedPlan {
    if header.plan != "-" { return try PlanCompilation.load(header.plan) }
    // It came through a pipe, and is nowhere but in the journal.
    let source = SourceFile(name: "<stdin>", text: header.sources.first?.value ?? "")
    return LoadedPlan(parsed: Parser.parse(source), key: "-", path: nil)
  }

  private func lock(_ preparation: Preparation) throws(ResumeFailure) -> RootLock {
    do {
      return try RootLock(preparation.machines.all.map(\.root))
    } catch {
      throw .problems([error])
    }
  }

  private func changes(
    _ header: RunHeader,
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot]
  ) -> PlanChanges {
    let today = RunHeader(
      found.folder.id,
      preparation,
      roots,
      policy: header.policy,
      supervisor: header.supervisor
    )
    return PlanChanges(from: header, to: today)
  }

  private func refuse(_ changes: PlanChanges) -> ResumeFailure {
    let most = 10
    Terminal.complain("error: the plan or what it runs has changed since the run began\n")
    for words in changes.words.prefix(most) {
      Terminal.complain(filled(safeForTerminal(words), indent: 2))
    }
    if changes.words.count > most {
      Terminal.complain("  and \(changes.words.count - most) more\n")
    }
    Terminal.complain(
      filled(
        "help: put back what it was, or go on with what it is now: --accept-changes runs what has "
          + "changed again, and nothing that is the same and succeeded",
        indent: 2
      )
    )
    return .status(.refused)
  }

  // MARK: What only a person knows

  /// Takes over what is said of steps; refuses where something has to be said and is not.
  private func assume(
    _ past: inout RecordedPast,
    _ graph: Graph
  ) throws(ResumeFailure) -> [Event] {
    var events: [Event] = []
    let doubtful = Set(past.run.doubtful().filter { isOpen($0, past) })
    do throws(UsageError) {
      let names = StepNames(graph)
      for (text, assumption) in assumptions {
        let node = try names.one(text)
        guard doubtful.contains(node) else { throw nothingToAssume(node, graph) }
        past.assume(node, assumption, at: .now)
        events.append(.assumed(node, assumption))
      }
    } catch {
      throw .usage(error)
    }
    let open = past.run.doubtful().filter { doubtful.contains($0) }
    if open.isEmpty { return events }
    for node in open { complain(node, past, graph) }
    throw .status(.refused)
  }

  /// Whether nobody but a person can tell what became of a step.
  private func isOpen(_ node: NodeID, _ past: RecordedPast) -> Bool {
    if past.run[node] != .running { return true }
    switch record(node, past).read() {
    case .absent, .running, .ended: return false
    case .lost: return true
    }
  }

  private func record(_ node: NodeID, _ past: RecordedPast) -> HeldRecord {
    let name = HeldRecord.name(node, attempt: past.run.attempts(of: node))
    return HeldRecord(folder: found.folder.stepsPath, name: name)
  }

  private func nothingToAssume(_ node: NodeID, _ graph: Graph) -> UsageError {
    UsageError(
      message: "nothing has to be assumed of '\(graph.name(node))'",
      help: "'lockstep resume --explain' says why each step runs or does not"
    )
  }

  private func complain(_ node: NodeID, _ past: RecordedPast, _ graph: Graph) {
    let how =
      past.run.failures[node].map { "has not succeeded (\(describe($0)))" }
      ?? (past.run[node].isPassed
        ? "has succeeded, and its block is to run again" : "was broken off")
    complain(node, how, graph)
  }

  private func complain(_ node: NodeID, _ how: String, _ graph: Graph) {
    let name = graph.name(node)
    Terminal.complain(
      "error: \(safeForTerminal(name))\n"
        + filled(
          "is not idempotent, and \(safeForTerminal(how)): only a person can tell whether its work "
            + "is done",
          indent: 2
        )
        + filled("help: look at what it did, then add one of", indent: 2)
        + "    --assume \(shellWords([name + "=done"]))\n"
        + "    --assume \(shellWords([name + "=again"]))\n"
    )
  }

  /// Says for every step why it would run or not.
  private func explain(
    _ contents: JournalContents,
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot]
  ) throws(ResumeFailure) -> Int32 {
    let changes = changes(contents.header, preparation, roots)
    if !changes.isEmpty { throw refuse(changes) }
    var past = try past(contents, preparation.graph)
    do throws(UsageError) {
      let names = StepNames(preparation.graph)
      for (text, assumption) in assumptions {
        past.assume(try names.one(text), assumption, at: .now)
      }
    } catch {
      throw .usage(error)
    }
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    ResumeExplanation(past) { record($0, past).read() }.write(to: &output)
    output.flush()
    return ExitStatus.succeeded.rawValue
  }

  // MARK: Going on

  private func drive(
    _ past: RecordedPast,
    _ assumed: [Event],
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot],
    _ supervisor: SupervisorChoice
  ) throws(ResumeFailure) -> Int32 {
    // Without what was assumed, which is recorded first.
    let run = try self.past(past.contents, preparation.graph).run
    let records: RunRecords
    do {
      records = try RunRecords(
        run,
        found.folder,
        past.contents,
        starts: past.starts,
        resumeCommand: RunRecords.resumeCommand(state: found.state, preparation.machines)
      )
    } catch {
      throw .problems([error])
    }
    for event in assumed { _ = records.run.handle(event, at: .now) }
    return live(records, preparation, roots, supervisor).drive(from: .resumed)
  }

  private func live(
    _ records: RunRecords,
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot],
    _ supervisor: SupervisorChoice
  ) -> LiveRun {
    LiveRun(
      command: ResumeCommand.spec.name,
      preparation: preparation,
      roots: roots,
      supervisor: supervisor,
      records: records,
      style: Style(isColored: isColored),
      isQuiet: arguments.isSet(RunOptions.quietOption.name)
    )
  }

  /// Begins a new run of the changed plan, which takes over what is the same and succeeded.
  private func startAnew(
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot],
    _ supervisor: SupervisorChoice
  ) throws(ResumeFailure) -> Int32 {
    let graph = preparation.graph
    var changed: ChangedPlan
    do {
      changed = try ChangedPlan(contents, changes, graph)
    } catch {
      throw unreadable(error)
    }
    try refuseWhileRunning(changed)
    try assume(&changed, graph)
    let problems = Preflight.problems(graph: graph, roots: roots, supervisor: supervisor)
    if !problems.isEmpty { throw .problems(problems) }
    var policy = contents.header.policy
    policy.passedOver = changed.passedOver
    let records: RunRecords
    do {
      records = try RunRecords(
        Run(graph, policy: policy),
        header: { id in
          var header = RunHeader(
            id,
            preparation,
            roots,
            policy: policy,
            supervisor: contents.header.supervisor
          )
          header.continues = contents.header.run
          return header
        },
        state: found.state,
        preparation.machines
      )
    } catch {
      throw .problems([error])
    }
    return live(records, preparation, roots, supervisor).drive(from: .began)
  }

  /// A process of the earlier run cannot be seen through by a run of another plan.
  private func refuseWhileRunning(_ changed: ChangedPlan) throws(ResumeFailure) {
    let problems = changed.starts.compactMap { name, start -> Problem? in
      guard start.isAlive, let process = start.process?.identifier else { return nil }
      return Problem(
        path: name,
        what: "is still under way, as process \(process)",
        help: "wait until it has ended, or resume without changes"
      )
    }
    if !problems.isEmpty { throw .problems(problems) }
  }

  private func assume(_ changed: inout ChangedPlan, _ graph: Graph) throws(ResumeFailure) {
    let names = StepNames(graph)
    do throws(UsageError) {
      for (text, assumption) in assumptions {
        let node = try names.one(text)
        guard changed.doubtful.contains(node) else { throw nothingToAssume(node, graph) }
        changed.assume(node, assumption)
      }
    } catch {
      throw .usage(error)
    }
    if changed.doubtful.isEmpty { return }
    for node in changed.doubtful { complain(node, "has been started before", graph) }
    throw .status(.refused)
  }
}
