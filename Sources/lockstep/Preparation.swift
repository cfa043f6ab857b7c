import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports
import System
import VM
import Words

/// A plan compiled for the machines of a command line.
struct Preparation {
  /// Without the plan's tree.
  let input: Input
  let graph: Graph
  let vms: VMSelection
  let logNames: StepLogNames

  static let options = [
    VMSelection.option,
    OptionSpec(
      name: "--set",
      value: "NAME=VALUE",
      help: "give a param of the plan a value",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--set-file",
      value: "NAME=FILE",
      help: "give a param the contents of a file, less a last line feed: for secrets, which others "
        + "could read on a command line",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--fact",
      value: "NAME=VALUE",
      help: "tell something that the VM does not know, such as director.version",
      isRepeatable: true
    ),
  ]

  /// What is compiled, and for which machines.
  struct Input {
    var plan: LoadedPlan
    var parameters: [String: String]
    var facts: [String: String]
    var vms: VMSelection.Request
    /// Whether messages may have colours.
    var color: Bool

    /// Whether the plan says itself which deployment jobs there are.
    var declaresJobs: Bool {
      (plan.parsed.tree.plan?.items ?? []).contains {
        if case .deploymentJob = $0 { true } else { false }
      }
    }

    /// Whether no machine is named, and no VM of BOSH's is where one is looked for then: the machine
    /// at hand is none of the deployment jobs that a plan declares.
    var lacksMachine: Bool {
      vms.standard == nil && vms.named.isEmpty
        && vms.paths(planPath: plan.path ?? "").allSatisfy {
          $0 == VMFolder.wholeMachine || !FileReader.isFolder($0)
        }
    }
  }

  /// Reads, checks and compiles; what is wrong is said on standard error.
  ///
  /// - Returns: nil and the exit status where it cannot be run.
  static func make(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> (Preparation?, ExitStatus) {
    make(try input(arguments))
  }

  /// What a command line with one plan asks to be compiled.
  static func input(_ arguments: ParsedArguments) throws(UsageError) -> Input {
    Input(
      plan: try PlanCompilation.load(arguments.positionals[0]),
      parameters: try parameters(arguments),
      facts: try arguments.pairs("--fact"),
      vms: try VMSelection.Request(arguments),
      color: try Terminal.usesColor(STDERR_FILENO, arguments)
    )
  }

  /// The graph alone, for commands that only think about it; what is wrong is said.
  ///
  /// - Parameters:
  ///   - input: what is compiled.
  ///   - alone: whether no machine is looked at.
  /// - Returns: nil where it cannot be compiled.
  static func graph(_ input: consuming Input, alone: Bool) -> Graph? {
    if !alone { return make(input).0?.graph }
    var site = Site.unknown
    site.facts = input.facts
    site.givenFacts = Set(input.facts.keys)
    let built = PlanCompilation.build(&input.plan, parameters: input.parameters, site: site)
    let findings = Findings(input.plan, built)
    complain(findings, color: input.color)
    return findings.hasErrors ? nil : built.graph
  }

  /// What `--set` and `--set-file` say.
  static func parameters(_ arguments: ParsedArguments) throws(UsageError) -> [String: String] {
    var parameters = try arguments.pairs("--set")
    for (name, path) in try arguments.pairs("--set-file", of: "FILE") {
      let bytes: [UInt8]
      do {
        bytes = try FileReader.read(path)
      } catch {
        throw UsageError(message: "cannot read '\(path)' for the param '\(name)': \(error.reason)")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
      if parameters.updateValue(value, forKey: name) != nil {
        throw UsageError(message: "the param '\(name)' is given twice")
      }
    }
    return parameters
  }

  /// Checks and compiles; what is wrong is said on standard error.
  ///
  /// - Returns: nil and the exit status where it cannot be run.
  static func make(_ input: consuming Input) -> (Preparation?, ExitStatus) {
    let vms: VMSelection
    do {
      vms = try VMSelection(input.vms, plan: input.plan)
    } catch {
      // A plan that is wrong is said to be so on whatever machine.
      let built = PlanCompilation.build(
        &input.plan,
        parameters: input.parameters,
        site: .unknown
      )
      let alone = Findings(input.plan, built)
      if alone.hasErrors { complain(alone, color: input.color) }
      let status = error.complain()
      return (nil, alone.hasErrors ? .wrong : status)
    }
    let built = PlanCompilation.build(
      &input.plan,
      parameters: input.parameters,
      site: vms.site(facts: input.facts)
    )
    // The tree of a long plan is larger than its graph.
    if built.sources.contains(where: { $0.bytes.count > 1 << 20 }) { Memory.giveBack() }
    let findings = Findings(input.plan, built)
    complain(findings, color: input.color)
    guard !findings.hasErrors, let graph = built.graph else { return (nil, .wrong) }
    let preparation = Preparation(
      input: input,
      graph: graph,
      vms: vms,
      logNames: StepLogNames(graph)
    )
    return (preparation, .succeeded)
  }

  /// Errors, and warnings of what a run would leave out; the others are for `check`.
  private static func complain(_ findings: Findings, color: Bool) {
    let shown = findings.filtered { finding in
      switch finding.code {
      case .nameNotFound, .phaseSelectsNothing, .stepAppliesToNothing, .neverAsked: true
      default: finding.severity == .error
      }
    }
    let text = shown.text(color: color)
    if !text.isEmpty { Terminal.complain(text + "\n") }
  }

  /// How many problems of a machine are told.
  private static let mostProblems = 20

  /// Says what is wrong with a machine.
  static func complain(_ problems: [Problem]) {
    defer {
      if problems.count > mostProblems {
        Terminal.complain("and \(counted(problems.count - mostProblems, "more problem"))\n")
      }
    }
    for problem in problems.prefix(mostProblems) {
      Terminal.complain(
        "error: \(safeForTerminal(problem.path))\n"
          + filled(safeForTerminal(problem.what), indent: 2)
          + (problem.help.map { filled("help: \(safeForTerminal($0))", indent: 2) } ?? "")
      )
    }
  }

  /// Where logs are, relative to the VM's folder; on a plain machine the whole path.
  private var shownLogsPath: String {
    let path = vms.logsPath
    return vms.first?.path == VMFolder.wholeMachine ? "/\(path)" : path
  }

  /// What is done with units that the plan names.
  private static func words(_ units: [String], start settle: Duration?) -> String {
    let isOne = units.count == 1
    let names =
      isOne ? units[0] : units.dropLast().joined(separator: ", ") + " and \(units.last ?? "")"
    guard let settle else {
      return "systemctl stop of \(names), until \(isOne ? "it is" : "they are") inactive"
    }
    let stays =
      settle > .zero ? " and \(isOne ? "stays" : "stay") so for \(settle.forPeople)" : ""
    return "systemctl start of \(names), until \(isOne ? "it is" : "they are") active\(stays)"
  }

  /// What is done with the processes of release jobs.
  ///
  /// - Parameters:
  ///   - step: a start, a stop or an unmonitor.
  ///   - units: those that are the processes; nil where it is not systemd that does it.
  ///   - whose: where the processes are written down.
  /// - Returns: words for people.
  private static func words(_ step: StepTemplate, _ units: [String]?, of whose: String) -> String {
    let settle = step.action.isStart ? step.settle : nil
    switch (step.action, units) {
    case (_, []): return "nothing, as no release job here has a systemd unit"
    case (.unmonitor, _?): return "nothing: systemd watches what is started until it is stopped"
    case (_, let units?): return words(units, start: settle)
    case (.start, nil): return "start of the processes of \(whose), until they run"
    case (.stop, nil): return "stop of the processes of \(whose), until they are gone"
    case (_, nil): return "unmonitor of the processes of \(whose)"
    }
  }

  /// Where and how a step runs.
  ///
  /// - Parameters:
  ///   - node: the step.
  ///   - units: of the plan.
  /// - Returns: what it runs, and its logs.
  func placement(_ node: NodeID, _ units: PlannedUnits) -> StepPlacement {
    guard let step = graph.step(node) else { return StepPlacement(runs: "", logs: nil) }
    let subject = graph[node].subject
    let name = graph.subjects.name(subject)
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let folder = isReleaseJob ? name : StepLogNames.commonFolder
    let logs = logNames.stem(graph[node].template).map {
      "\(shownLogsPath)/\(folder)/\($0).{stdout,stderr}.log"
    }
    let whose = isReleaseJob ? "jobs/\(name)/monit" : "all monit files of this VM"
    let runs: String
    var vector: [String]?
    var scriptPath: String?
    switch step.action {
    case .script(let script):
      runs = "jobs/\(name)/bin/\(script)"
      (vector, scriptPath) = ([runs], runs)
    case .run(let command):
      runs = shellWords(command.vector)
      vector = command.vector
    case .wait(.tcp(let address)): runs = "a connection to \(address), until it succeeds"
    case .wait(.file(let path)): runs = "a look for \(path), until it is there"
    case .wait(.command(let command)):
      runs = "\(shellWords(command.vector)), until it succeeds"
      vector = command.vector
    case .start, .stop, .unmonitor:
      runs = Self.words(step, units.ofReleaseJobs(node)?.map(units.words), of: whose)
    case .startUnits(let units): runs = Self.words(units, start: step.settle)
    case .stopUnits(let units): runs = Self.words(units, start: nil)
    case .drain(let arguments):
      runs = shellWords(["jobs/\(name)/bin/drain"] + arguments) + ", until it has drained"
    }
    return StepPlacement(
      runs: runs,
      logs: logs,
      vector: vector,
      scriptPath: scriptPath,
      persistentDisk: vms.vm(of: graph, subject)?.persistentDisk ?? 0
    )
  }
}
