import Machine
import PlanGraph
package import VM

/// The systemd units that run a plan after each boot, and optionally another plan at shutdown.
package struct BootInstallation {
  /// The unit for the boot comes first.
  package let units: [BootUnit]
  private let vms: VMSelection

  /// What happened to a unit's file.
  package enum Change: Equatable, Sendable {
    case wrote(path: String)
    /// It existed with the same text.
    case found(path: String)
    case replaced(path: String)
    /// The removal of a shutdown unit that is no longer wanted.
    case removed(path: String)
  }

  /// Checks the plans and their machines now, so that mistakes show up before the next boot.
  ///
  /// - Parameters:
  ///   - request: the plans.
  ///   - tell: gets what a run would leave out, and which units would wait for each other.
  /// - Throws: the mistakes.
  package init(_ request: BootRequest, tell: Tell) throws(CommandFailure) {
    let supervisor = try SupervisorChoice(text: request.supervisor)
    let boot = try Self.prepare(request.plan, tell)
    _ = try request.selection.passedOver(boot.graph)
    try Self.refuseSecrets(boot, request.openParameters)
    let down = try request.shutdown.map { shutdown throws(CommandFailure) in
      try Self.prepare(shutdown.plan, tell)
    }
    vms = boot.vms
    units = try Self.units(request, boot, down, supervisor)
    let started = try Self.plannedUnits(boot, supervisor).all(isStart: true)
    Self.tellOrdering(started, units[0].name, tell)
  }

  private static func prepare(
    _ request: PlanRequest,
    _ tell: Tell
  ) throws(CommandFailure) -> Preparation {
    let preparation = try Preparation(request, tell: tell)
    _ = try preparation.vms.foldersByInstance(of: preparation.graph)
    return preparation
  }

  /// Everyone can read a unit.
  private static func refuseSecrets(
    _ preparation: Preparation,
    _ given: Set<String>
  ) throws(CommandFailure) {
    guard let secret = preparation.secrets.first(where: { given.contains($0.name) }) else { return }
    throw CommandFailure(
      message: "'\(secret.name)' is secret, and everyone can read the unit",
      help: "put the value into a file that only root can read: --set-file \(secret.name)=FILE"
    )
  }

  private static func units(
    _ request: BootRequest,
    _ boot: Preparation,
    _ down: Preparation?,
    _ supervisor: SupervisorChoice
  ) throws(CommandFailure) -> [BootUnit] {
    let folders = boot.vms.paths
    let name = BootName.unit(plan: request.argument, folders: folders)
    let program = try BootName.program()
    let command = BootUnit.Command(
      plan: BootName.plan(request.argument),
      program: program,
      arguments: words(boot, request.options),
      folders: folders
    )
    do throws(NameRefusal) {
      guard let shutdown = request.shutdown, let down else {
        return [try BootUnit(atBoot: command, name: name)]
      }
      let shutdownCommand = BootUnit.Command(
        plan: BootName.plan(shutdown.argument),
        program: program,
        arguments: words(down, shutdown.options),
        folders: folders
      )
      return [
        try BootUnit(atBoot: command, name: name, with: BootUnit.shutdownName(of: name)),
        try BootUnit(
          atShutdown: shutdownCommand,
          of: name,
          limit: shutdown.limit,
          units: stoppedUnits(down, supervisor)
        ),
      ]
    } catch {
      throw CommandFailure(message: "'\(program)' \(error.reason)", help: "copy it elsewhere")
    }
  }

  /// The command line of a run, with absolute paths.
  private static func words(_ preparation: Preparation, _ options: [String]) -> [String] {
    let key = preparation.request.plan.key
    let bundled = PlanCompilation.bundledPrefix
    return ["run", key.hasPrefix(bundled) ? String(key.dropFirst(bundled.count)) : key]
      + preparation.vms.options + options
  }

  private static func stoppedUnits(
    _ preparation: Preparation,
    _ supervisor: SupervisorChoice
  ) -> [String] {
    // Its machines have been checked, so all of them exist.
    (try? plannedUnits(preparation, supervisor).all(isStart: false)) ?? []
  }

  private static func plannedUnits(
    _ preparation: Preparation,
    _ supervisor: SupervisorChoice
  ) throws(CommandFailure) -> PlannedUnits {
    PlannedUnits(
      preparation.graph,
      try preparation.vms.foldersByInstance(of: preparation.graph),
      supervisor
    )
  }

  /// Warns about units of the plan that would wait for the unit that starts them.
  private static func tellOrdering(_ units: [String], _ boot: String, _ tell: Tell) {
    if units.isEmpty { return }
    guard let ordering = BootOrdering(of: units, boot: boot) else {
      tell(
        .words(
          "note: systemd is not running here, so the order of the plan's units cannot be checked"
        )
      )
      return
    }
    for way in ordering.ways { tell(.words(warning(way))) }
  }

  /// How a unit comes to wait for the one that starts it.
  ///
  /// - Parameter way: the unit, the unit it is ordered after, and so on up to the boot unit.
  /// - Returns: a warning.
  private static func warning(_ way: [String]) -> String {
    let between = way.dropFirst().dropLast().map { "'\($0)'" }
    let words =
      between.isEmpty
      ? "'\(way[0])' is ordered after the unit that runs the plan"
      : "'\(way[0])' is ordered after \(between.joined(separator: ", that after ")), which waits for "
        + "the unit that runs the plan"
    return "warning: \(words): after a boot each would wait for the other, so the run starts it "
      + "regardless of its ordering"
  }

  /// Writes the units and enables the one for the boot.
  ///
  /// - Parameters:
  ///   - path: the folder of units.
  ///   - look: called before anything is written, once nothing prevents it.
  /// - Returns: what was done, in order.
  /// - Throws: an error if a foreign file is in the way, or a file cannot be written.
  package func install(
    in path: String,
    look: () -> Void
  ) throws(CommandFailure) -> [Change] {
    var changes: [Change] = []
    do throws(Problem) {
      let folder = try UnitFolder(path)
      var found: [UnitFolder.Found] = []
      for unit in units { found.append(try folder.look(unit.name, text: unit.text)) }
      look()
      for (unit, found) in zip(units, found) {
        try folder.install(unit)
        let path = folder.path(of: unit.name)
        let change: Change =
          switch found {
          case .nothing: .wrote(path: path)
          case .same: .found(path: path)
          case .other: .replaced(path: path)
          }
        changes.append(change)
      }
      if units.count == 1 {
        let down = BootUnit.shutdownName(of: units[0].name)
        if try folder.remove(down) { changes.append(.removed(path: folder.path(of: down))) }
      }
    } catch {
      throw .refused([error])
    }
    return changes
  }

  /// The options that name the machines when the units are removed again; empty if none are needed.
  package var removalOptions: [String] {
    vms.paths.contains(where: BootName.isUnusual) ? vms.options : []
  }
}
