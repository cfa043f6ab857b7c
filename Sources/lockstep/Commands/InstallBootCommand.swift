import Operations
import VM
import Words

/// `lockstep install-boot`: makes systemd run a plan after each boot.
enum InstallBootCommand {
  static let spec = CommandSpec(
    name: "install-boot",
    summary: "run a plan after each boot, and another one at shutdown",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Writes a systemd unit that runs the plan after each boot with the options given here, "
        + "prints it and enables it. After a reboot, BOSH itself runs no scripts: only monit "
        + "starts processes.",
      "The unit runs 'lockstep run PLAN --once-per-boot', which does nothing if the plan has "
        + "succeeded since the boot. The plan, its VMs and options are checked now, so that you "
        + "learn of mistakes before the next boot.",
      "The unit is called lockstep-PLAN.service for /var/vcap, or for the machine itself if there "
        + "is no /var/vcap. For another folder it is called lockstep-PLAN@FOLDER.service, so each "
        + "folder has its own unit.",
      "With --on-shutdown, a second unit, lockstep-PLAN:shutdown.service, runs another plan when "
        + "the machine shuts down, before systemd stops what that plan stops. The first unit "
        + "starts the second at each boot. 'systemctl stop' of the second unit runs its plan as "
        + "well.",
    ],
    options: [
      OptionSpec(name: "--print", value: nil, help: "print the unit and write nothing"),
      OptionSpec(
        name: onShutdown,
        value: "PLAN",
        help:
          "run this plan, such as bosh-stop, on the same VMs when the machine shuts down. Without "
          + "this option, an existing shutdown unit is removed"
      ),
      OptionSpec(
        name: shutdownLimit,
        value: "DURATION",
        help:
          "ask that run to end after this time (default 5m, at most 25m, because systemd forces "
          + "the shutdown after 30 minutes)"
      ),
      OptionSpec(
        name: "--remove",
        value: nil,
        help: "remove the unit of this plan on these VMs"
      ),
      OptionSpec(
        name: "--unit-dir",
        value: "DIR",
        help: "where units are written (default \(UnitFolder.standard))"
      ),
    ] + BootOptions.all,
    examples: [
      (line: "lockstep install-boot bosh-start --print", does: "look at the unit first"),
      (line: "lockstep install-boot bosh-start", does: "run the plan from the next boot on"),
      (
        line: "lockstep install-boot bosh-start --on-shutdown bosh-stop",
        does: "also drain and stop when the machine shuts down"
      ),
      (line: "lockstep install-boot bosh-start --remove", does: "remove the units"),
    ],
    tellsRefusal: true
  )

  private static let onShutdown = "--on-shutdown"
  private static let shutdownLimit = "--shutdown-limit"

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let folder = arguments["--unit-dir"] ?? UnitFolder.standard
    if arguments.isSet("--remove") { return try remove(arguments, from: folder) }
    let installation = try BootInstallation(request(arguments), tell: console.tell)
    let text = installation.units.map(\.text).joined(separator: "\n")
    if arguments.isSet("--print") {
      Terminal.answer(text)
      return .succeeded
    }
    let changes = try installation.install(in: folder) { Terminal.answer(safeText(text) + "\n") }
    for change in changes {
      let (did, path) =
        switch change {
        case .wrote(let path): ("wrote", path)
        case .found(let path): ("unchanged:", path)
        case .replaced(let path): ("replaced", path)
        case .removed(let path): ("removed", path)
        }
      Terminal.answer("\(did) \(safeForTerminal(path))\n")
    }
    answerNextSteps(installation, arguments)
    return .succeeded
  }

  /// The lines of a text, each safe for a terminal.
  private static func safeText(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      safeForTerminal(String($0))
    }
    .joined(separator: "\n")
  }

  private static func answerNextSteps(
    _ installation: BootInstallation,
    _ arguments: ParsedArguments
  ) {
    var removal = ["lockstep", spec.name, arguments.positionals[0], "--remove"]
    removal += installation.removalOptions
    if let folder = arguments["--unit-dir"] { removal += ["--unit-dir", folder] }
    let down = installation.units.dropFirst().map {
      "to enable the shutdown unit before the next boot:\n"
        + "  systemctl start \(safeForTerminal(shellWords([$0.name])))\n"
    }
    Terminal.answer(
      "it is enabled from the next boot on; to tell systemd about it now:\n"
        + "  systemctl daemon-reload\n" + down.joined() + "to remove it:\n"
        + "  \(safeForTerminal(shellWords(removal)))\n"
    )
  }

  private static func remove(
    _ arguments: ParsedArguments,
    from folder: String
  ) throws(CommandFailure) -> ExitStatus {
    for option in ["--print", onShutdown] where arguments.isSet(option) {
      throw CommandFailure(message: "'\(option)' and '--remove' exclude each other")
    }
    let removal = try BootRemoval(
      of: arguments.positionals[0],
      PlanOptions.vms(arguments),
      from: folder
    )
    if !removal.removed.isEmpty {
      for path in removal.removed { Terminal.answer("removed \(safeForTerminal(path))\n") }
      Terminal.answer("to tell systemd about it now:\n  systemctl daemon-reload\n")
      return .succeeded
    }
    Terminal.answer("there is no \(safeForTerminal(removal.path)): nothing to remove\n")
    if !removal.others.isEmpty {
      let lines = removal.others.map { "  \(safeForTerminal($0))\n" }.joined()
      Terminal.answer("units of other VMs are removed with their --vm:\n\(lines)")
    }
    return .succeeded
  }

  private static func request(_ arguments: ParsedArguments) throws(CommandFailure) -> BootRequest {
    let limit = try limit(arguments)
    _ = try (RunOptions.pace(arguments), RunOptions.seed(arguments), RunOptions.keep(arguments))
    let plan = arguments.positionals[0]
    try refuseStandardInput(plan, when: "after a boot")
    var request = BootRequest(
      plan,
      try PlanOptions.request(plan, arguments),
      options: try BootOptions.boot(arguments)
    )
    request.selection = SelectionOptions.selection(arguments)
    request.supervisor = try RunOptions.supervisor(arguments)
    request.openParameters = Set(try arguments.pairs(PlanOptions.set.name).keys)
    guard let down = arguments[onShutdown] else { return request }
    try refuseStandardInput(down, when: "at shutdown")
    // Params and selections of steps belong to the other plan.
    let downPlan = PlanRequest(
      plan: try PlanCompilation.load(down),
      facts: try arguments.pairs(PlanOptions.fact.name),
      vms: try PlanOptions.vms(arguments)
    )
    request.shutdown = BootRequest.Shutdown(
      down,
      downPlan,
      limit: limit,
      options: try BootOptions.shutdown(arguments, limit)
    )
    return request
  }

  private static func refuseStandardInput(
    _ plan: String,
    when: String
  ) throws(CommandFailure) {
    if plan != "-" { return }
    throw CommandFailure(
      message: "standard input is not available \(when)",
      help: "put the plan into a file"
    )
  }

  /// How long the run at shutdown may take.
  private static func limit(_ arguments: ParsedArguments) throws(CommandFailure) -> Duration {
    guard let limit = try arguments.duration(shutdownLimit) else { return .seconds(300) }
    if !arguments.isSet(onShutdown) {
      throw CommandFailure(
        message: "'\(shutdownLimit)' is for a plan at shutdown",
        help: "name it with \(onShutdown) PLAN"
      )
    }
    if limit < .seconds(1) || limit > .seconds(25 * 60) {
      throw CommandFailure(
        message: "'\(shutdownLimit)' takes a duration from 1s to 25m, not "
          + "'\(arguments[shutdownLimit] ?? "")'",
        help: "systemd forces the machine down 30 minutes after the shutdown began"
      )
    }
    return limit
  }
}
