import Analysis
import Execution
import Operations
import PlanGraph
import Reports
import Words

/// `lockstep dry-run --what-if`: rehearses runs on a virtual clock, without starting, writing or
/// asking anything.
enum WhatIfForm {
  static let option = OptionSpec(
    name: "--what-if",
    value: "WHAT",
    help:
      "rehearse a run on a virtual clock. STEP=fail, 'STEP=exit N', STEP=signal, STEP=hang, "
      + "STEP=stuck (ignores TERM) or 'STEP=slow TIME', with @1,2 after it for those attempts "
      + "only; STEP=no: its condition does not hold; cancel@TIME: a signal stops the run; none: "
      + "nothing goes wrong; all (or all=hang, …): the result of the failure of each step, one "
      + "at a time",
    isRepeatable: true
  )

  static let options = [
    option, DurationOption.option, RunOptions.parallelOption,
    RunOptions.onFailureOption, RunOptions.seedOption,
  ]

  /// How many consecutive lines about successful steps are shown.
  private static let mostPlain = 40
  /// The number of steps from which those with the same result share a row.
  private static let mostRows = 60

  /// Makes sure that every option has an effect.
  ///
  /// - Throws: an error if an option belongs to another kind of dry-run.
  static func check(_ arguments: ParsedArguments) throws(CommandFailure) {
    let (whatIf, times) = (option.name, TimesForm.option.name)
    if arguments.isSet(whatIf), arguments.isSet(times) {
      throw CommandFailure(
        message: "'\(whatIf)' and '\(times)' cannot be combined",
        help: "use them one after the other"
      )
    }
    for mode in [whatIf, times] where arguments.isSet(mode) {
      for option in ["--ask", "--overlay", "--details", "--fold"] where arguments.isSet(option) {
        throw CommandFailure(
          message: "'\(option)' has no effect with '\(mode)', which only "
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
      throw CommandFailure(
        message: "'\(option)' is for '\(whatIf)'" + (isOfBoth ? " and '\(times)'" : "")
      )
    }
  }

  /// Rehearses the requested runs and shows the results.
  static func write(
    _ dryRun: DryRun,
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) {
    let graph = dryRun.graph
    let isJSON = try arguments.isJSON()
    let request = try request(arguments)
    let texts = request.texts
    let whatIf = try WhatIf(dryRun, request)
    let source = whatIf.source
    if let complaint = source.complaint { console.tell(.words("warning: \(complaint)")) }
    let setting = RehearsalJSON.Setting(
      whatIf: texts,
      durations: source.origin,
      known: source.durations.known(in: graph),
      standard: source.durations.standard
    )
    switch whatIf.answer {
    case .run(let rehearsal, let resume):
      Terminal.answer(asJSON: isJSON) {
        RehearsalJSON.write(
          rehearsal,
          setting,
          resume: (resume?.steps ?? []).map { ($0.node, $0.verdict.rawValue, $0.reason) },
          to: &$0
        )
      } text: { output in
        writeHead(texts, source, graph, to: &output)
        RehearsalReport(
          rehearsal,
          style: console.style,
          most: arguments.isSet("--all") ? nil : mostPlain
        )
        .write(to: &output)
        output.line(
          rehearsal.exitStatus.map { "the run's exit status would be \($0)" }
            ?? "the run would not end before someone stops it"
        )
        if let resume {
          output.line()
          resume.write(graph, leavingOutKept: true, most: 20, to: &output)
        }
      }
    case .single(let failures, let effect):
      Terminal.answer(asJSON: isJSON) {
        RehearsalJSON.write(failures, graph, setting, to: &$0)
      } text: { output in
        writeHead([], source, graph, to: &output)
        SingleFailuresReport(failures, graph, style: console.style)
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
          output.line("'--what-if STEP=…' shows one")
        }
      }
    }
  }

  private static func request(_ arguments: ParsedArguments) throws(CommandFailure) -> WhatIfRequest
  {
    var request = WhatIfRequest(arguments.all(option.name))
    (request.parallel, request.failureMode) = try RunOptions.pace(arguments)
    request.seed = try RunOptions.seed(arguments) ?? 0
    request.durations = arguments[DurationOption.option.name]
    request.state = try RunOptions.state(arguments)
    if !arguments.isSet("--all") { request.groupsAbove = mostRows }
    return request
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
        "\(counted(conditions, "condition")) that a VM would be asked about: assumed to hold"
      )
    }
    for line in lines {
      for part in wrapped(safeForTerminal(line), width: 80) { output.line(part) }
    }
    output.line()
  }
}

extension Scenario.Effect {
  /// Follows the name of a step.
  fileprivate var words: String {
    switch self {
    case .fails: "fails"
    case .exits(let status): "exits with \(status)"
    case .dies(let signal): "is ended by \(signalName(signal))"
    case .hangs: "hangs"
    case .isStuck: "hangs and ignores TERM"
    case .takes(let duration): "takes \(duration.forPeople)"
    }
  }
}
