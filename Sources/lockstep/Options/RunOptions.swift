import Execution
import Machine
import Operations

/// The options for how a plan is run.
enum RunOptions {
  static let stateOption = OptionSpec(
    name: "--state",
    value: "DIR",
    help: "where runs are recorded (default: data/lockstep in the VM's folder, or "
      + "/var/lib/lockstep if that folder is /)"
  )
  static let oncePerBootOption = OptionSpec(
    name: "--once-per-boot",
    value: nil,
    help: "do nothing if this plan has succeeded since the machine's boot, on the same VMs and "
      + "with the same params, facts and choice of steps. If such a run was interrupted since the "
      + "boot, continue it"
  )
  static let keepOption = OptionSpec(
    name: "--keep",
    value: "N",
    help: "keep the records of the last N runs (default \(RunStore.defaultKeep)). The last run of "
      + "every other plan and unfinished runs are kept as well"
  )
  static let quietOption = OptionSpec(
    name: "--quiet",
    value: nil,
    help: "print only failures and the end"
  )

  static let waitOption = OptionSpec(
    name: "--wait",
    value: "DURATION",
    help: "wait up to this long for another run on the VM to end, instead of refusing"
  )

  static let parallelOption = OptionSpec(
    name: "--parallel",
    value: "N",
    help: "the most steps that run at once (default \(RunPolicy.defaultParallel))"
  )
  static let onFailureOption = OptionSpec(
    name: "--on-failure",
    value: "MODE",
    help: "what to do when a step fails. finish (default): steps that do not depend on it still "
      + "run; stop: running steps finish, nothing else starts; abort: running steps are asked to "
      + "end"
  )
  static let seedOption = OptionSpec(
    name: "--seed",
    value: "N",
    help: "the seed of the random pauses between attempts; the same seed gives the same pauses"
  )

  static let supervisorOption = OptionSpec(
    name: "--supervisor",
    value: "WHO",
    help: "who starts and stops processes: monit (with its control file in the usual place), "
      + "monit=FILE (with that control file), ctl (lockstep itself, from the monit files of the "
      + "release jobs), systemd (the units that each jobs/NAME/systemd lists), systemd=PROGRAM "
      + "(with that systemctl), auto (default: monit if it answers; systemd if the machine has it "
      + "and release jobs list units; else ctl)"
  )

  /// The options that a normal run and a run after a boot share.
  static let options = [
    parallelOption,
    supervisorOption,
    onFailureOption,
    seedOption,
    stateOption,
    keepOption,
    quietOption,
  ]

  /// The run that a command line asks for.
  static func request(_ arguments: ParsedArguments) throws(CommandFailure) -> RunRequest {
    let (parallel, mode) = try pace(arguments)
    let supervisor = try supervisor(arguments)
    let (seed, state, keep) = (try seed(arguments), try state(arguments), try keep(arguments))
    let patience = try arguments.duration(waitOption.name) ?? .zero
    var request = RunRequest(try PlanOptions.request(arguments.positionals[0], arguments))
    request.selection = SelectionOptions.selection(arguments)
    (request.parallel, request.failureMode) = (parallel, mode)
    (request.seed, request.state, request.keep) = (seed, state, keep)
    request.supervisor = supervisor
    request.patience = patience
    request.isOncePerBoot = arguments.isSet(oncePerBootOption.name)
    request.abandonment = try AbandonOption.abandonment(arguments)
    return request
  }

  /// The value of `--keep`.
  static func keep(_ arguments: ParsedArguments) throws(CommandFailure) -> Int {
    try arguments.int(keepOption.name, in: 1...1_000_000) ?? RunStore.defaultKeep
  }

  /// The values of `--parallel` and `--on-failure`.
  static func pace(
    _ arguments: ParsedArguments
  ) throws(CommandFailure) -> (parallel: Int, failureMode: RunPolicy.FailureMode) {
    let parallel = try arguments.int("--parallel", in: 1...100_000) ?? RunPolicy.defaultParallel
    let modes = RunPolicy.FailureMode.allCases.map(\.rawValue)
    let mode = try arguments.word("--on-failure", among: modes)
    return (parallel, mode.flatMap(RunPolicy.FailureMode.init) ?? .finish)
  }

  /// The value of `--seed`.
  static func seed(_ arguments: ParsedArguments) throws(CommandFailure) -> UInt64? {
    try arguments.int("--seed", in: 0...Int.max).map { UInt64($0) }
  }

  /// The value of `--state`.
  static func state(_ arguments: ParsedArguments) throws(CommandFailure) -> String? {
    guard let path = arguments[stateOption.name] else { return nil }
    if path.isEmpty {
      throw CommandFailure(message: "'--state' names no folder", help: "write --state DIR")
    }
    return path
  }

  /// The value of `--supervisor`, as written.
  static func supervisor(_ arguments: ParsedArguments) throws(CommandFailure) -> String {
    let text = arguments[supervisorOption.name] ?? "auto"
    _ = try SupervisorChoice(text: text)
    return text
  }
}
