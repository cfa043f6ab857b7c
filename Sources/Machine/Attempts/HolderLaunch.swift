import CLinux
import Glibc
import PlanGraph
import System
import VM

extension Launcher {
  /// Starts the holder of a command in the command's place.
  ///
  /// - Parameters:
  ///   - hold: how to hold it.
  ///   - path: of the command's executable.
  ///   - vector: the command's arguments.
  ///   - environment: the command's, as the holder takes it.
  ///   - log: where the command's output goes.
  /// - Returns: the holder's process.
  /// - Throws: why it was not started.
  func spawnHolder(
    _ hold: HolderStart,
    _ path: String,
    _ vector: [String],
    _ environment: CStrings,
    _ log: borrowing LogPair
  ) throws(LaunchFailure) -> LaunchedProcess {
    let nice = machinery.spawner.nice
    let arguments = CStrings(hold.arguments(nice: nice, path: path, vector))
    // The holder lowers its own priority before it starts the command, which inherits it. The
    // cgroup is only the command's: the holder must outlive it.
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
    _ template: StepTemplateID,
    _ step: @autoclosure () -> StepTemplate
  ) -> String {
    let own = prepare(template, command, step)
    let name = own.program ?? "its program"
    return failure.words(
      ProgramSearch.find(name, in: own.searchPath) ?? name,
      in: vm.workingFolder.number
    )
  }
}
