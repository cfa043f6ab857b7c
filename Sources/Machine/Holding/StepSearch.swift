import PlanGraph
import VM

extension Launcher {
  /// How to recognise a step's unrecorded process; nil for a step without a process.
  func search(
    _ action: StepAction,
    of releaseJob: String?,
    _ template: StepTemplateID
  ) -> OrphanSearch? {
    let program: OrphanSearch.Program
    switch action {
    case .script(let name):
      guard let releaseJob else { return nil }
      program = .script("\(vm.path)/\(VMFolder.scriptPath(releaseJob, name))")
    case .drain:
      guard let releaseJob else { return nil }
      program = .script("\(vm.path)/\(VMFolder.scriptPath(releaseJob, "drain"))")
    case .run(let command), .wait(.command(let command)): program = .command(command.vector)
    case .wait, .start, .stop, .startUnits, .stopUnits, .unmonitor: return nil
    }
    guard let stem = names.stem(template) else { return nil }
    let folder = "\(vm.logsPath)/\(releaseJob ?? StepLogNames.commonFolder)"
    let log = vm.absolute("\(folder)/\(stem)")
    return OrphanSearch(program: program, logs: ["\(log).stdout.log", "\(log).stderr.log"])
  }
}
