import Execution
import Machine
import PlanLanguage

/// What a command line says of how a plan is to be run.
struct RunOptions {
  var parallel: Int
  var failureMode: RunPolicy.FailureMode
  /// As it was written, to be kept with the run.
  var supervisorText: String
  /// Of the random pauses between attempts; nil where nobody says.
  var seed: UInt64?
  /// Where the records of runs are kept; nil for beneath the VM's root.
  var state: String?
  /// How many records of runs stay.
  var keep: Int

  static let stateOption = OptionSpec(
    name: "--state",
    value: "DIR",
    help: "where runs are recorded (default: data/lockstep in the VM's folder; /var/lib/lockstep "
      + "where that is /)"
  )
  static let oncePerBootOption = OptionSpec(
    name: "--once-per-boot",
    value: nil,
    help: "do nothing where this plan has succeeded since the machine's boot, on the same VMs and "
      + "with the same params, facts and choice of steps; where such a run of this boot was broken "
      + "off, go on with that"
  )
  static let keepOption = OptionSpec(
    name: "--keep",
    value: "N",
    help: "how many records of runs stay, the last ones (default \(RunStore.defaultKeep)); kept "
      + "beside them are the last run of each further plan, and what is not over"
  )
  static let quietOption = OptionSpec(
    name: "--quiet",
    value: nil,
    help: "print failures and the end only"
  )

  static let waitOption = OptionSpec(
    name: "--wait",
    value: "DURATION",
    help: "wait this long for another run that is at work on the VM to end, instead of refusing"
  )

  static let parallelOption = OptionSpec(
    name: "--parallel",
    value: "N",
    help: "how many steps at most are under way at once (default \(RunPolicy.defaultParallel))"
  )
  static let onFailureOption = OptionSpec(
    name: "--on-failure",
    value: "MODE",
    help: "finish (default): what does not depend on it still runs; stop: what runs ends, "
      + "nothing else starts; abort: what runs is asked to end"
  )
  static let seedOption = OptionSpec(
    name: "--seed",
    value: "N",
    help: "a number for the random pauses between attempts: the same one, the same pauses"
  )

  static let options = [
    parallelOption,
    OptionSpec(
      name: "--supervisor",
      value: "WHO",
      help: "who starts and stops processes: monit (its control file in the usual place), "
        + "monit=FILE (that control file), ctl (lockstep itself, from the monit files of the "
        + "release jobs), systemd (the units that each jobs/NAME/systemd lists), systemd=PROGRAM "
        + "(that systemctl), auto (default: monit if it answers, systemd if the machine has it and "
        + "release jobs list units, else ctl)"
    ),
    onFailureOption,
    seedOption,
    stateOption,
    keepOption,
    quietOption,
  ]

  init(_ arguments: ParsedArguments) throws(UsageError) {
    (parallel, failureMode) = try Self.pace(arguments)
    supervisorText = arguments["--supervisor"] ?? "auto"
    _ = try Self.supervisor(supervisorText)
    seed = try Self.seed(arguments)
    state = try Self.state(arguments)
    keep = try Self.keep(arguments)
  }

  /// What `--keep` says.
  static func keep(_ arguments: ParsedArguments) throws(UsageError) -> Int {
    try arguments.int(keepOption.name, in: 1...1_000_000) ?? RunStore.defaultKeep
  }

  /// What `--parallel` and `--on-failure` say.
  static func pace(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> (parallel: Int, failureMode: RunPolicy.FailureMode) {
    let parallel = try arguments.int("--parallel", in: 1...100_000) ?? RunPolicy.defaultParallel
    let modes = RunPolicy.FailureMode.allCases.map(\.rawValue)
    let mode = try arguments.word("--on-failure", among: modes)
    return (parallel, mode.flatMap(RunPolicy.FailureMode.init) ?? .finish)
  }

  /// What `--seed` says.
  static func seed(_ arguments: ParsedArguments) throws(UsageError) -> UInt64? {
    try arguments.int("--seed", in: 0...Int.max).map { UInt64($0) }
  }

  /// What `--state` says.
  static func state(_ arguments: ParsedArguments) throws(UsageError) -> String? {
    guard let path = arguments[stateOption.name] else { return nil }
    if path.isEmpty {
      throw UsageError(message: "'--state' names no folder", help: "write --state DIR")
    }
    return path
  }

  /// What `--supervisor` says.
  static func supervisor(_ text: String) throws(UsageError) -> SupervisorChoice {
    let monit = "monit="
    if text.hasPrefix(monit), text != monit { return .monit(String(text.dropFirst(monit.count))) }
    let systemd = "systemd="
    if text.hasPrefix(systemd), text != systemd {
      return .systemd(String(text.dropFirst(systemd.count)))
    }
    switch text {
    case "auto": return .auto
    case "ctl": return .ctl
    case "monit": return .monit(nil)
    case "systemd": return .systemd(nil)
    default:
      throw UsageError(
        message: "'--supervisor' takes auto, ctl, monit, monit=FILE, systemd, systemd=PROGRAM, "
          + "not '\(text)'",
        help: nearMiss(text, among: ["auto", "ctl", "monit", "systemd"])
          .map { "did you mean '\($0)'?" }
      )
    }
  }
}
