import Glibc
import Machine
import VM
import Words

/// `lockstep install-boot`: has systemd run a plan after each boot.
enum InstallBootCommand {
  static let spec = CommandSpec(
    name: "install-boot",
    summary: "have a plan run after each boot, and another on the way down",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Writes a systemd unit that runs the plan after each boot, with the options given here, prints "
        + "it, and enables it. After a reboot BOSH calls no scripts: only monit starts processes.",
      "The unit runs 'lockstep run PLAN --once-per-boot', which does nothing where the plan has "
        + "succeeded since the boot. The plan, its VMs and options are looked at now, so that "
        + "mistakes do not wait for the next boot.",
      "It is called lockstep-PLAN.service for /var/vcap, or for the machine itself where there is "
        + "no /var/vcap, and lockstep-PLAN@FOLDER.service for another folder, so that each has one "
        + "of its own.",
      "With --on-shutdown a second unit, lockstep-PLAN:shutdown.service, runs another plan when the "
        + "machine goes down, before what that plan stops is stopped by systemd. The first unit starts "
        + "it with each boot. 'systemctl stop' of it runs the plan as well.",
    ],
    options: [
      OptionSpec(name: "--print", value: nil, help: "print the unit, and write nothing"),
      OptionSpec(
        name: onShutdown,
        value: "PLAN",
        help:
          "run this plan on the same VMs when the machine goes down, such as bosh-stop; without "
          + "this option a unit for it that is there is removed"
      ),
      OptionSpec(
        name: shutdownLimit,
        value: "DURATION",
        help:
          "when that run is asked to end (default 5m, at most 25m: systemd forces the machine down "
          + "after 30)"
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
    ] + runOptions,
    examples: [
      (line: "lockstep install-boot bosh-start --print", does: "look at it first"),
      (line: "lockstep install-boot bosh-start", does: "from the next boot on"),
      (
        line: "lockstep install-boot bosh-start --on-shutdown bosh-stop",
        does: "drain and stop, too, when the machine goes down"
      ),
      (line: "lockstep install-boot bosh-start --remove", does: "no more"),
    ]
  )

  private static let onShutdown = "--on-shutdown"
  private static let shutdownLimit = "--shutdown-limit"

  /// What goes into the unit's command line.
  static let runOptions = Preparation.options + RunSelection.options + RunOptions.options

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let refusal = Refusal(spec.name)
    let folder = arguments["--unit-dir"] ?? UnitFolder.standard
    if arguments.isSet("--remove") {
      for option in ["--print", onShutdown] where arguments.isSet(option) {
        throw UsageError(message: "'\(option)' and '--remove' exclude each other")
      }
      let plan = arguments.positionals[0]
      let folders = try VMSelection.Request(arguments).paths(planPath: plan)
      let boot = BootUnit.name(
        plan: BootCommandLine.planName(plan),
        folders: folders.map(whole).filter(isUnusual)
      )
      do {
        return remove(boot, of: BootCommandLine.planName(plan), try UnitFolder(folder))
      } catch {
        return refusal.because([error])
      }
    }
    _ = try RunOptions(arguments)
    let limit = try limit(arguments)
    let (made, status) = try prepare(arguments.positionals[0], arguments, isBoot: true)
    guard let preparation = made else { return refusal.status(status) }
    _ = try RunSelection.passedOver(preparation.graph, arguments)
    try BootChecks.refuseSecrets(preparation, Set(try arguments.pairs("--set").keys))
    var down: Preparation?
    if let plan = arguments[onShutdown] {
      let (made, status) = try prepare(plan, arguments, isBoot: false)
      guard let made else { return refusal.status(status) }
      down = made
    }
    let units = try units(BootCommandLine(arguments), preparation, down, limit)
    try tellOrdering(preparation, units[0].name, arguments)
    if arguments.isSet("--print") {
      Terminal.answer(units.map(\.text).joined(separator: "\n"))
      return ExitStatus.succeeded.rawValue
    }
    do {
      return try install(units, UnitFolder(folder), removal(preparation, arguments))
    } catch {
      return refusal.because([error])
    }
  }

  /// How long the run on the way down may take.
  private static func limit(_ arguments: ParsedArguments) throws(UsageError) -> Duration {
    guard let limit = try arguments.duration(shutdownLimit) else { return .seconds(300) }
    if !arguments.isSet(onShutdown) {
      throw UsageError(
        message: "'\(shutdownLimit)' is for a plan on the way down",
        help: "name it with \(onShutdown) PLAN"
      )
    }
    if limit < .seconds(1) || limit > .seconds(25 * 60) {
      throw UsageError(
        message: "'\(shutdownLimit)' takes a duration from 1s to 25m, not "
          + "'\(arguments[shutdownLimit] ?? "")'",
        help: "systemd forces the machine down 30 minutes after it was told to"
      )
    }
    return limit
  }

  /// Looks at a plan and its VMs.
  private static func prepare(
    _ plan: String,
    _ arguments: ParsedArguments,
    isBoot: Bool
  ) throws(UsageError) -> (Preparation?, ExitStatus) {
    if plan == "-" {
      throw UsageError(
        message: "standard input is not there \(isBoot ? "after a boot" : "on the way down")",
        help: "put the plan into a file"
      )
    }
    let (made, status) =
      isBoot
      ? try Preparation.make(arguments)
      : try Preparation.make(
        Preparation.Input(
          plan: PlanCompilation.load(plan),
          parameters: [:],
          facts: arguments.pairs("--fact"),
          vms: VMSelection.Request(arguments),
          color: Terminal.usesColor(STDERR_FILENO, arguments)
        )
      )
    if let made { _ = try made.vms.foldersByInstance(of: made.graph) }
    return (made, status)
  }

  /// The units, that for the boot first.
  private static func units(
    _ lines: BootCommandLine,
    _ preparation: Preparation,
    _ down: Preparation?,
    _ limit: Duration
  ) throws(UsageError) -> [BootUnit] {
    let arguments = lines.arguments
    let folders = preparation.vms.paths
    let plan = BootCommandLine.planName(arguments.positionals[0])
    let name = BootUnit.name(plan: plan, folders: folders.filter(isUnusual))
    let program = try BootCommandLine.program
    let boot = BootUnit.Command(
      plan: plan,
      program: program,
      arguments: try lines.boot(preparation),
      folders: folders
    )
    var shutdown: (command: BootUnit.Command, units: [String])?
    if let down {
      shutdown = (
        BootUnit.Command(
          plan: BootCommandLine.planName(arguments[onShutdown] ?? ""),
          program: program,
          arguments: try lines.shutdown(down, limit),
          folders: folders
        ),
        try plannedUnits(down, arguments).all(isStart: false)
      )
    }
    do throws(NameRefusal) {
      guard let (command, units) = shutdown else {
        return [try BootUnit(atBoot: boot, name: name)]
      }
      return [
        try BootUnit(atBoot: boot, name: name, with: BootUnit.shutdownName(of: name)),
        try BootUnit(atShutdown: command, of: name, limit: limit, units: units),
      ]
    } catch {
      throw UsageError(message: "'\(program)' \(error.reason)", help: "copy it elsewhere")
    }
  }

  private static func plannedUnits(
    _ preparation: Preparation,
    _ arguments: ParsedArguments
  ) throws(UsageError) -> PlannedUnits {
    PlannedUnits(
      preparation.graph,
      try preparation.vms.foldersByInstance(of: preparation.graph),
      try RunOptions.supervisor(arguments["--supervisor"] ?? "auto")
    )
  }

  private static func install(
    _ units: [BootUnit],
    _ folder: UnitFolder,
    _ removal: [String]
  ) throws(Problem) -> Int32 {
    var found: [UnitFolder.Found] = []
    for unit in units { found.append(try folder.look(unit.name, text: unit.text)) }
    Terminal.answer(BootChecks.safeText(units.map(\.text).joined(separator: "\n")) + "\n")
    for (unit, found) in zip(units, found) {
      try folder.install(unit)
      let did =
        switch found {
        case .nothing: "wrote"
        case .same: "found, as it is,"
        case .other: "replaced"
        }
      Terminal.answer("\(did) \(safeForTerminal(folder.path(of: unit.name)))\n")
    }
    if units.count == 1 {
      let down = BootUnit.shutdownName(of: units[0].name)
      if try folder.remove(down) {
        Terminal.answer("removed \(safeForTerminal(folder.path(of: down)))\n")
      }
    }
    Terminal.answer(
      "it is enabled, from the next boot on; so that systemd knows of it now:\n"
        + "  systemctl daemon-reload\n"
        + (units.count == 1
          ? ""
          : "so that the way down holds before the next boot, too:\n"
            + "  systemctl start \(safeForTerminal(shellWords([units[1].name])))\n")
        + "to remove it:\n"
        + "  \(safeForTerminal(shellWords(removal)))\n"
    )
    return ExitStatus.succeeded.rawValue
  }

  /// Says which units of the plan would wait for the unit that starts them.
  private static func tellOrdering(
    _ preparation: Preparation,
    _ boot: String,
    _ arguments: ParsedArguments
  ) throws(UsageError) {
    let units = try plannedUnits(preparation, arguments).all(isStart: true)
    if units.isEmpty { return }
    guard let ordering = BootOrdering(of: units, boot: boot) else {
      return Terminal.complain(
        filled(
          "note: no systemd is at work here that could be asked how the units of the plan are ordered",
          indent: 0
        )
      )
    }
    for way in ordering.ways { Terminal.complain(BootChecks.warning(way)) }
  }

  /// The command that takes it away again.
  private static func removal(_ preparation: Preparation, _ arguments: ParsedArguments)
    -> [String]
  {
    var words = ["lockstep", "install-boot", arguments.positionals[0], "--remove"]
    for (name, vm) in preparation.vms.all
    where preparation.vms.paths.contains(where: isUnusual) {
      words += [VMSelection.option.name, name.isEmpty ? vm.path : "\(name)=\(vm.path)"]
    }
    if let folder = arguments["--unit-dir"] { words += ["--unit-dir", folder] }
    return words
  }

  private static func remove(_ name: String, of plan: String, _ folder: UnitFolder) -> Int32 {
    do {
      var removed: [String] = []
      for unit in [name, BootUnit.shutdownName(of: name)] where try folder.remove(unit) {
        removed.append("removed \(safeForTerminal(folder.path(of: unit)))\n")
      }
      if !removed.isEmpty {
        Terminal.answer(
          removed.joined() + "so that systemd knows of it now:\n  systemctl daemon-reload\n"
        )
        return ExitStatus.succeeded.rawValue
      }
      Terminal.answer("there is no \(safeForTerminal(folder.path(of: name))): nothing to remove\n")
      let others = folder.units(of: plan)
      if !others.isEmpty {
        let lines = others.map { "  \(safeForTerminal($0))\n" }.joined()
        Terminal.answer("those of other VMs are removed with their --vm:\n\(lines)")
      }
      return ExitStatus.succeeded.rawValue
    } catch {
      return Refusal(spec.name).because([error])
    }
  }

  /// Where a folder is, links followed; as it is written where it is not there any more.
  private static func whole(_ path: String) -> String {
    FileReader.resolved(path) ?? (try? BootCommandLine.absolutePath(path)) ?? path
  }

  /// Whether a folder is not the one that is meant where nobody names one.
  private static func isUnusual(_ path: String) -> Bool {
    path != VMFolder.defaultPath && path != VMFolder.standard
      && path != FileReader.resolved(VMFolder.standard)
  }
}
