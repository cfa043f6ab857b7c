import Analysis
import Execution
import Glibc
import PlanGraph
import Reports
import Words

/// `lockstep dry-run --what-if`: rehearses runs on a virtual clock; starts, writes and asks nothing.
enum WhatIf {
  static let options = [
    WhatIfOption.option, DurationSource.option, RunOptions.parallelOption,
    RunOptions.onFailureOption, RunOptions.seedOption,
  ]

  /// How many lines in a row about steps that go well are shown.
  private static let mostPlain = 40
  /// From how many steps on those for which the same comes of it share a row.
  private static let mostRows = 60

  /// Makes sure that no option is there for nothing.
  ///
  /// - Throws: one that belongs to another kind of dry-run.
  static func check(_ arguments: ParsedArguments) throws(UsageError) {
    let (whatIf, times) = (WhatIfOption.name, DryRunTimes.option.name)
    if arguments.isSet(whatIf), arguments.isSet(times) {
      throw UsageError(
        message: "'\(whatIf)' and '\(times)' are two questions",
        help: "ask them one after the other"
      )
    }
    for mode in [whatIf, times] where arguments.isSet(mode) {
      for option in ["--ask", "--overlay", "--details", "--fold"] where arguments.isSet(option) {
        throw UsageError(
          message: "'\(option)' is of no use with '\(mode)', which only "
            + (mode == whatIf ? "rehearses" : "calculates")
        )
      }
    }
    if arguments.isSet(whatIf) { return }
    let others =
      ["--on-failure", "--seed"]
      + (arguments.isSet(times) ? [] : ["--durations", "--parallel"])
    for option in others where arguments.isSet(option) {
      let isOfBoth = ["--durations", "--parallel"].contains(option)
      throw UsageError(
        message: "'\(option)' is for '\(whatIf)'" + (isOfBoth ? " and '\(times)'" : "")
      )
    }
  }

  /// Rehearses what the command line asks for and shows it.
  ///
  /// - Returns: the exit status of the command, which is 0 whatever the rehearsed run's is.
  static func run(_ dryRun: DryRun) throws(UsageError) -> ExitStatus {
    let (graph, arguments) = (dryRun.graph, dryRun.arguments)
    let isJSON = try arguments.word("--format", among: ["text", "json"]) == "json"
    let texts = arguments.all(WhatIfOption.name)
    let request = try WhatIfOption.request(texts, graph)
    let (parallel, mode) = try RunOptions.pace(arguments)
    var policy = RunPolicy(
      parallel: parallel,
      failureMode: mode,
      seed: try RunOptions.seed(arguments) ?? 0
    )
    policy.passedOver = dryRun.leftOut
    let source = try DurationSource(arguments, graph, dryRun.preparation.vms)
    if let complaint = source.complaint {
      Terminal.complain(filled(safeForTerminal("warning: \(complaint)"), indent: 0))
    }
    let times = source.durations.times(in: graph)
    let setting = RehearsalJSON.Setting(
      whatIf: texts,
      durations: source.origin,
      known: source.durations.known(in: graph),
      standard: source.durations.standard
    )
    let style = Style(isColored: try Terminal.usesColor(STDOUT_FILENO, arguments))
    switch request {
    case .scenario(let scenario):
      let rehearsal = Rehearsal(graph, policy: policy, times: times, scenario: scenario)
      let resume = SimulatedResume.explanation(of: rehearsal)
      if isJSON {
        var json = JSONWriter { Terminal.write($0, to: STDOUT_FILENO) }
        RehearsalJSON.write(
          rehearsal,
          setting,
          resume: (resume?.steps ?? []).map { ($0.node, $0.verdict.rawValue, $0.reason) },
          to: &json
        )
        json.finish()
        return .succeeded
      }
      var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
      writeHead(texts, source, graph, to: &output)
      RehearsalReport(rehearsal, style: style, most: arguments.isSet("--all") ? nil : mostPlain)
        .write(to: &output)
      output.line(
        rehearsal.exitStatus.map { "the run's exit status would be \($0)" }
          ?? "the run would have no exit status before somebody stops it"
      )
      if let resume {
        output.line()
        resume.write(graph, leavingOutKept: true, most: 20, to: &output)
      }
      output.flush()
    case .single(let effect):
      let failures = SingleFailures(
        graph,
        policy: policy,
        times: times,
        effect: effect,
        groupsAbove: arguments.isSet("--all") ? .max : mostRows
      )
      if isJSON {
        var json = JSONWriter { Terminal.write($0, to: STDOUT_FILENO) }
        RehearsalJSON.write(failures, graph, setting, to: &json)
        json.finish()
        return .succeeded
      }
      var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
      writeHead([], source, graph, to: &output)
      SingleFailuresReport(failures, graph, style: style)
        .write(title: "if this step alone \(effect.words)", to: &output)
      output.line()
      output.line(
        "\(counted(failures.tried, "run")) rehearsed; the plan itself has "
          + "\(counted(graph.stepCount, "step"))"
      )
      if failures.leftOut > 0 {
        output.line(
          "nothing is said of \(failures.leftOut) of them, as there are too many kinds to try:"
        )
        output.line("'--what-if STEP=…' tells of one")
      }
      output.flush()
    }
    return .succeeded
  }

  private static func writeHead(
    _ texts: [String],
    _ source: DurationSource,
    _ graph: Graph,
    to output: inout TextOutput
  ) {
    var lines = ["plan \(graph.planName), rehearsed: nothing is started, written or asked"]
    lines += texts.map { "what if \($0)" }
    lines.append(source.words(graph))
    let conditions = graph.conditionCount
    if conditions > 0 {
      lines.append(
        "\(counted(conditions, "condition")) of which a VM would be asked: taken to hold"
      )
    }
    for line in lines {
      for part in wrapped(safeForTerminal(line), width: 80) { output.line(part) }
    }
    output.line()
  }
}

extension Scenario.Effect {
  /// Behind the name of a step.
  fileprivate var words: String {
    switch self {
    case .fails: "fails"
    case .exits(let status): "exits with \(status)"
    case .dies(let signal): "is ended by \(signalName(signal))"
    case .hangs: "hangs"
    case .isStuck: "hangs and takes no notice of TERM"
    case .takes(let duration): "takes \(duration.forPeople)"
    }
  }
}
