import CLinux
import Glibc
import PlanGraph
import System
import VM
import Words

/// Starts the processes of a graph's steps on one root.
///
/// What a step's subjects have in common, its environment and its arguments, is made once a
/// template.
package final class Launcher {

  /// The parts of a template that are the same for all of its subjects.
  final class Prepared {
    let environment: CStrings
    private let variables: [String]
    /// The argument vector; nil for a script, whose only argument is its path.
    let arguments: CStrings?
    /// The executable as the plan names it; nil for a script.
    let program: String?
    /// Where an executable without a slash in its name is looked for.
    let searchPath: String
    /// Why it cannot be started anywhere.
    let refusal: String?

    /// The environment followed by an attempt's own variables.
    ///
    /// For the holder each gets a `_` in front, which the holder removes again.
    func environment(with own: [String], isHeld: Bool) -> CStrings {
      if isHeld { return CStrings((variables + own).map { "_\($0)" }) }
      return own.isEmpty ? environment : CStrings(variables + own)
    }

    init(_ step: StepTemplate, _ command: Command?) {
      var values = ["PATH": ProgramSearch.searchPath]
      var order = ["PATH"]
      for variable in step.environment {
        if values.updateValue(variable.value, forKey: variable.name) == nil {
          order.append(variable.name)
        }
      }
      let strings = order.map { "\($0)=\(values[$0] ?? "")" }
      variables = strings
      environment = CStrings(strings)
      let vector = command?.vector
      arguments = vector.map { CStrings($0) }
      program = vector?.first
      searchPath = values["PATH"] ?? ProgramSearch.searchPath
      let all = strings + (vector ?? [])
      refusal =
        all.contains { $0.utf8.contains(0) }
        ? "its environment or arguments contain a NUL byte, which cannot be passed to a process"
        : nil
    }
  }

  let vm: VMFolder
  let machinery: Machinery
  private let logs: LogStore
  let names: StepLogNames
  private var prepared: [StepTemplateID: Prepared] = [:]

  init(vm: VMFolder, names: StepLogNames, _ machinery: Machinery) {
    self.vm = vm
    self.names = names
    self.machinery = machinery
    logs = LogStore(vm: vm)
  }

  /// The script of an errand, which the agent starts at its own priority.
  static let errandScript = "run"

  /// Starts a release job's script.
  ///
  /// - Parameters:
  ///   - name: of the script.
  ///   - releaseJob: the one whose `bin/` it is in.
  ///   - template: the step's template.
  ///   - step: the step.
  ///   - opened: called with what is in the logs before the process can write to them.
  /// - Returns: the process.
  /// - Throws: why it was not started.
  func script(
    _ name: String,
    of releaseJob: String,
    _ template: StepTemplateID,
    _ step: @autoclosure () -> StepTemplate,
    opened: (LogSizes) -> Void
  ) throws(LaunchFailure) -> LaunchedProcess {
    let own = prepare(template, nil, step)
    if let refusal = own.refusal { throw .refused(refusal) }
    let relative = VMFolder.scriptPath(releaseJob, name)
    let path = "\(vm.path)/\(relative)"
    // As in BOSH, the logs are opened first: they exist even if the script cannot be started.
    let log = try open(folder: releaseJob, stem: name)
    opened(log.sizes)
    try requireInside(relative)
    return try spawn(
      path,
      nil,
      own.environment,
      log.descriptors,
      isLowered: name != Self.errandScript,
      isGrouped: true,
      named: path
    )
  }

  /// Makes sure that a script exists and is inside the VM's folder.
  ///
  /// - Parameter relative: its path from the root.
  /// - Throws: why it must not be started.
  func requireInside(_ relative: String) throws(LaunchFailure) {
    if vm.isPlainlyOwn(relative) { return }
    let path = "\(vm.path)/\(relative)"
    switch vm.folder.containment(of: relative, beneath: vm.path) {
    case .inside: break
    case .absent: throw .refused("\(path) no longer exists; put it back and try again")
    case .outside(let end):
      throw .refused(
        "\(path) leads outside the VM's folder, to \(quoted(end)); only what is inside the VM's "
          + "folder is run"
      )
    case .unknown(let number): throw machinery.shortage(number, "\(path) cannot be opened")
    }
    // Last, because nothing that it finds good can be exchanged afterwards but by root.
    if let problem = vm.intrusion(at: relative) { throw .refused(problem.description) }
  }

  /// Starts a command of the plan.
  ///
  /// - Parameters:
  ///   - command: the command.
  ///   - releaseJob: the one it belongs to; nil if its subject is wider.
  ///   - template: the step's template.
  ///   - step: the step.
  ///   - variables: what describes the attempt, as `NAME=VALUE`.
  ///   - hold: how it is held; nil if it is not held.
  ///   - opened: called with what is in the logs before the process can write to them.
  /// - Returns: the process; if the command is held, the holder's.
  /// - Throws: why it was not started.
  func command(
    _ command: Command,
    of releaseJob: String?,
    _ template: StepTemplateID,
    _ step: @autoclosure () -> StepTemplate,
    _ variables: [String],
    hold: HolderStart? = nil,
    opened: (LogSizes) -> Void
  ) throws(LaunchFailure) -> LaunchedProcess {
    let own = prepare(template, command, step)
    if let refusal = own.refusal { throw .refused(refusal) }
    guard let arguments = own.arguments, let name = own.program else {
      throw .refused("has no command to run")
    }
    guard let program = ProgramSearch.find(name, in: own.searchPath) else {
      throw .refused("\(quoted(name)) is not in \(own.searchPath); give its full path")
    }
    let log = try open(
      folder: releaseJob ?? StepLogNames.commonFolder,
      stem: names.stem(template) ?? "step"
    )
    opened(log.sizes)
    let environment = own.environment(with: variables, isHeld: hold != nil)
    if let hold {
      return try spawnHolder(hold, program, command.vector, environment, log)
    }
    return try spawn(
      program,
      arguments,
      environment,
      log.descriptors,
      isLowered: true,
      isGrouped: true,
      named: program
    )
  }

  func prepare(
    _ template: StepTemplateID,
    _ command: Command?,
    _ step: () -> StepTemplate
  ) -> Prepared {
    if let known = prepared[template] { return known }
    let made = Prepared(step(), command)
    prepared[template] = made
    return made
  }

  func open(folder: String, stem: String) throws(LaunchFailure) -> LogPair {
    do {
      return try logs.open(folder: folder, stem: stem)
    } catch {
      switch error {
      case .refused(let reason): throw .refused(reason)
      case .exhausted(let number): throw machinery.shortage(number, "its logs cannot be opened")
      }
    }
  }

  /// Starts a process whose output goes to our descriptors.
  ///
  /// - Parameters:
  ///   - path: of what is executed.
  ///   - arguments: nil for the path alone.
  ///   - environment: all of it.
  ///   - output: the descriptors for its output and its errors.
  ///   - isLowered: whether to lower its priority.
  ///   - isGrouped: whether it gets its own cgroup.
  ///   - name: the path that a failure names.
  /// - Returns: the process.
  /// - Throws: why it was not started.
  func spawn(
    _ path: String,
    _ arguments: CStrings?,
    _ environment: CStrings,
    _ output: (stdout: Int32, stderr: Int32),
    isLowered: Bool,
    isGrouped: Bool,
    named name: String
  ) throws(LaunchFailure) -> LaunchedProcess {
    let folder = vm.workingFolder.number
    if machinery.spawner.refusesGroups { machinery.groups.giveUp() }
    let group = isGrouped ? machinery.groups.take() : nil
    do throws(SpawnFailure) {
      let spawned = try machinery.spawner.spawn(
        ProgramStart(
          path: path,
          arguments: arguments,
          environment: environment,
          folder: folder,
          stdout: output.stdout,
          stderr: output.stderr,
          isLowered: isLowered,
          group: group
        )
      )
      if let group, spawned.group == nil { machinery.groups.give(group, endedProcess: nil) }
      return LaunchedProcess(spawned: spawned, path: name, folder: folder)
    } catch {
      if let group { machinery.groups.give(group, endedProcess: nil) }
      throw error.launchFailure(name, in: folder)
    }
  }
}
