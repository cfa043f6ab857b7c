import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// `lockstep install-boot`: has systemd run a plan after each boot.
enum InstallBootCommand {
  static let spec = CommandSpec(
    name: "install-boot",
    summary: "have a plan run after each boot of the machine",
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
    ],
    options: [
      OptionSpec(name: "--print", value: nil, help: "print the unit, and write nothing"),
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
      (line: "lockstep install-boot bosh-start --remove", does: "no more"),
    ]
  )

  /// What goes into the unit's command line.
  private static let runOptions =
    Preparation.options + RunSelection.options + RunOptions.options

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let refusal = Refusal(spec.name)
    let folder = arguments["--unit-dir"] ?? UnitFolder.standard
    if arguments.isSet("--remove") {
      if arguments.isSet("--print") {
        throw UsageError(message: "'--print' and '--remove' exclude each other")
      }
      let plan = arguments.positionals[0]
      let folders = try MachineSelection.Request(arguments).paths(planPath: plan)
      let name = BootUnit.name(plan: planName(plan), folders: folders.map(whole).filter(isUnusual))
      do {
        return remove(name, of: planName(plan), try UnitFolder(folder))
      } catch {
        return refusal.because([error])
      }
    }
    if arguments.positionals[0] == "-" {
      throw UsageError(
        message: "standard input is not there after a boot",
        help: "put the plan into a file"
      )
    }
    _ = try RunOptions(arguments)
    let (made, status) = try Preparation.make(arguments)
    guard let preparation = made else { return refusal.status(status) }
    _ = try preparation.machines.roots(of: preparation.graph)
    _ = try RunSelection.passedOver(preparation.graph, arguments)
    try refuseSecrets(preparation, Set(try arguments.pairs("--set").keys))
    guard let program = FileReader.resolved("/proc/self/exe") else {
      throw UsageError(message: "where lockstep itself is cannot be found out", help: "mount /proc")
    }
    let unit: BootUnit
    let words = try commandLine(preparation, arguments)
    do {
      let plan = planName(arguments.positionals[0])
      unit = try BootUnit(
        name: BootUnit.name(plan: plan, folders: preparation.machines.paths.filter(isUnusual)),
        plan: plan,
        program: program,
        arguments: words,
        folders: preparation.machines.paths
      )
    } catch {
      throw UsageError(message: "'\(program)' \(error.reason)", help: "copy it elsewhere")
    }
    if arguments.isSet("--print") {
      Terminal.answer(unit.text)
      return ExitStatus.succeeded.rawValue
    }
    do {
      return try install(unit, UnitFolder(folder), removal(preparation, arguments))
    } catch {
      return refusal.because([error])
    }
  }

  private static func install(
    _ unit: BootUnit,
    _ folder: UnitFolder,
    _ removal: [String]
  ) throws(Problem) -> Int32 {
    let path = safeForTerminal(folder.path(of: unit.name))
    let found = try folder.look(unit.name, text: unit.text)
    Terminal.answer(safeText(unit.text) + "\n")
    try folder.install(unit)
    let did =
      switch found {
      case .nothing: "wrote"
      case .same: "found, as it is,"
      case .other: "replaced"
      }
    Terminal.answer(
      "\(did) \(path)\n"
        + "it is enabled, from the next boot on; so that systemd knows of it now:\n"
        + "  systemctl daemon-reload\nto remove it:\n"
        + "  \(safeForTerminal(shellWords(removal)))\n"
    )
    return ExitStatus.succeeded.rawValue
  }

  /// The command that takes it away again.
  private static func removal(_ preparation: Preparation, _ arguments: ParsedArguments)
    -> [String]
  {
    var words = ["lockstep", "install-boot", arguments.positionals[0], "--remove"]
    for (name, root) in preparation.machines.all
    where preparation.machines.paths.contains(where: isUnusual) {
      words += [MachineSelection.option.name, name.isEmpty ? root.path : "\(name)=\(root.path)"]
    }
    if let folder = arguments["--unit-dir"] { words += ["--unit-dir", folder] }
    return words
  }

  private static func remove(_ name: String, of plan: String, _ folder: UnitFolder) -> Int32 {
    let path = safeForTerminal(folder.path(of: name))
    do {
      if try folder.remove(name) {
        Terminal.answer(
          "removed \(path)\nso that systemd knows of it now:\n  systemctl daemon-reload\n"
        )
        return ExitStatus.succeeded.rawValue
      }
      Terminal.answer("there is no \(path): nothing to remove\n")
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
    FileReader.resolved(path) ?? (try? absolutePath(path)) ?? path
  }

  /// Whether a folder is not the one that is meant where nobody names one.
  private static func isUnusual(_ path: String) -> Bool {
    path != VMRoot.usual && path != VMRoot.standard
      && path != FileReader.resolved(VMRoot.standard)
  }

  /// `site` for `plans/site.plan`, `bosh-start` for the bundled plan of that name.
  private static func planName(_ argument: String) -> String {
    let base = argument.split(separator: "/").last.map(String.init) ?? argument
    return base.hasSuffix(".plan") && base != ".plan" ? String(base.dropLast(5)) : base
  }

  /// The command line of the run, in which every path is absolute.
  private static func commandLine(
    _ preparation: Preparation,
    _ arguments: ParsedArguments
  ) throws(UsageError) -> [String] {
    let key = preparation.input.plan.key
    let bundled = PlanCompilation.bundledPrefix
    var words = ["run", key.hasPrefix(bundled) ? String(key.dropFirst(bundled.count)) : key]
    for (name, root) in preparation.machines.all {
      words += [MachineSelection.option.name, name.isEmpty ? root.path : "\(name)=\(root.path)"]
    }
    for option in runOptions where option.name != MachineSelection.option.name {
      for value in arguments.all(option.name) {
        words.append(option.name)
        if option.value == nil { continue }
        words.append(try absolute(value, option.name))
      }
    }
    return words + [RunOptions.oncePerBootOption.name]
  }

  /// An option's value; where it names a file, by its whole path.
  private static func absolute(_ value: String, _ option: String) throws(UsageError) -> String {
    switch option {
    case RunOptions.stateOption.name: return try absolutePath(value)
    case "--set-file":
      guard let equals = value.firstIndex(of: "=") else { return value }
      let path = try absolutePath(String(value[value.index(after: equals)...]))
      return "\(value[...equals])\(path)"
    case "--supervisor" where value.hasPrefix("monit="):
      return "monit=\(try absolutePath(String(value.dropFirst("monit=".count))))"
    default: return value
    }
  }

  private static func absolutePath(_ path: String) throws(UsageError) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = FileReader.resolved(".") else {
      throw UsageError(message: "the present folder is gone", help: "give '\(path)' as a whole")
    }
    return "\(here)/\(path)"
  }

  /// A unit can be read by everybody.
  private static func refuseSecrets(
    _ preparation: Preparation,
    _ given: Set<String>
  ) throws(UsageError) {
    for source in preparation.graph.sources {
      for item in Parser.parse(source).tree.plan?.items ?? [] {
        guard case .param(let param) = item, param.isSecret, given.contains(param.name.text) else {
          continue
        }
        throw UsageError(
          message: "'\(param.name.text)' is secret, and everybody can read the unit",
          help: "put the value into a file of root's own: --set-file \(param.name.text)=FILE"
        )
      }
    }
  }

  /// The lines of a text, each fit for a terminal.
  private static func safeText(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      safeForTerminal(String($0))
    }
    .joined(separator: "\n")
  }
}
