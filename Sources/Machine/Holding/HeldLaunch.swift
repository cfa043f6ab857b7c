import CLinux
import Execution
import Glibc
import PlanGraph

extension Launcher {
  /// Starts the holder of a command in the command's place.
  ///
  /// - Parameters:
  ///   - hold: how it is to be held.
  ///   - path: of the command's executable.
  ///   - vector: the command's arguments.
  ///   - environment: the command's, as the holder takes it.
  ///   - log: where the command's output goes.
  /// - Returns: the holder's process.
  /// - Throws: why it was not started.
  func spawnHolder(
    _ hold: Hold,
    _ path: String,
    _ vector: [String],
    _ environment: CStrings,
    _ log: borrowing LogPair
  ) throws(LaunchFailure) -> LaunchedProcess {
    let nice = machinery.spawner.nice
    let arguments = CStrings(hold.arguments(nice: nice, path: path, vector))
    // It lowers its own priority, before the command is there to inherit it, and the cgroup is the
    // command's: the holder is to outlive that.
    return try spawn(
      hold.program,
      arguments,
      environment,
      log.descriptors,
      isLowered: false,
      isGrouped: false,
      named: path
    )
  }

  /// Why a command could not be started, as one line for people.
  func words(
    _ failure: SpawnFailure,
    _ command: Command,
    _ template: UInt32,
    _ step: @autoclosure () -> StepTemplate
  ) -> String {
    let own = prepare(template, command, step)
    let name = own.program ?? "its program"
    return failure.words(
      Self.find(name, in: own.searchPath) ?? name,
      in: root.workingFolder.number
    )
  }

  /// How a step's process is known that nobody came to record; nil for a step that has none.
  func search(
    _ action: StepAction,
    of releaseJob: String?,
    _ template: UInt32
  ) -> OrphanSearch? {
    let program: OrphanSearch.Program
    switch action {
    case .script(let name):
      guard let releaseJob else { return nil }
      program = .script("\(root.path)/\(VMRoot.scriptPath(releaseJob, name))")
    case .drain:
      guard let releaseJob else { return nil }
      program = .script("\(root.path)/\(VMRoot.scriptPath(releaseJob, "drain"))")
    case .run(let command), .wait(.command(let command)): program = .command(command.vector)
    case .wait, .start, .stop, .startUnits, .stopUnits, .unmonitor: return nil
    }
    guard let stem = names.stem(StepTemplateID(template)) else { return nil }
    let folder = "\(root.logsPath)/\(releaseJob ?? StepLogNames.commonFolder)"
    let log = root.absolute("\(folder)/\(stem)")
    return OrphanSearch(program: program, logs: ["\(log).stdout.log", "\(log).stderr.log"])
  }
}
