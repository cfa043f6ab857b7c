import Glibc
import PlanGraph
import System
import VM

extension Launcher {
  /// How often a drain script has been asked, and what it is asked with.
  ///
  /// As BOSH's agent does (script/drain): arguments and environment of the first call are the
  /// plan's; a dynamic drain is asked again with `job_check_status hash_unchanged` and without
  /// `BOSH_JOB_NEXT_STATE`. Its priority is not lowered, and unlike a script's its standard output
  /// is a pipe, because that is its reply.
  ///
  /// - Parameters:
  ///   - releaseJob: the one whose `bin/drain` it is.
  ///   - arguments: of the first call.
  ///   - step: the step.
  ///   - opened: called with what is in the logs before the process can write to them.
  /// - Returns: what asks it once.
  func drain(
    of releaseJob: String,
    _ arguments: [String],
    _ step: StepTemplate,
    opened: @escaping (LogSizes) -> Void
  ) -> DrainAttempt.Ask {
    { [self] isFirst, captured throws(LaunchFailure) in
      let relative = VMFolder.scriptPath(releaseJob, "drain")
      let path = "\(vm.path)/\(relative)"
      let vector = [path] + (isFirst ? arguments : Self.statusArguments)
      let variables = Self.drainVariables(step, vm.persistentDisk, isFirst: isFirst)
      if (vector + variables).contains(where: { $0.utf8.contains(0) }) {
        throw .refused(
          "its environment or arguments contain a NUL byte, which cannot be passed to a process"
        )
      }
      let log = try open(folder: releaseJob, stem: "drain")
      opened(log.sizes)
      try requireInside(relative)
      let pipe = try replyPipe(log.stdout)
      do throws(LaunchFailure) {
        let launched = try spawn(
          path,
          CStrings(vector),
          CStrings(variables),
          (pipe.writer.number, log.stderr.number),
          isLowered: false,
          isGrouped: true,
          named: path
        )
        captured(pipe.output)
        return launched
      } catch {
        pipe.output.close()
        throw error
      }
    }
  }

  private func replyPipe(
    _ log: consuming Descriptor
  ) throws(LaunchFailure) -> CapturedOutput.Pipe {
    do throws(SystemError) {
      return try CapturedOutput.pipe(
        limit: DrainAttempt.mostOutput,
        copiedTo: log,
        on: machinery.loop
      )
    } catch {
      throw machinery.shortage(error.number, "its output cannot be read")
    }
  }

  /// What the agent asks a dynamic drain with, from the second time on.
  private static let statusArguments = ["job_check_status", "hash_unchanged"]

  /// The environment of a drain script.
  ///
  /// `BOSH_JOB_STATE` is always set, with the VM's persistent disk unless the plan says otherwise.
  /// `BOSH_JOB_NEXT_STATE` is set only if the plan gives one that is not empty, and only for the
  /// first call.
  static func drainVariables(
    _ step: StepTemplate,
    _ persistentDisk: Int,
    isFirst: Bool
  ) -> [String] {
    var variables = [("PATH", ProgramSearch.searchPath)]
    for variable in step.foundEnvironment(persistentDisk: persistentDisk) {
      if let index = variables.firstIndex(where: { $0.0 == variable.name }) {
        variables[index].1 = variable.value
      } else {
        variables.append((variable.name, variable.value))
      }
    }
    return
      variables
      .filter { $0.0 != "BOSH_JOB_NEXT_STATE" || (isFirst && !$0.1.isEmpty) }
      .map { "\($0)=\($1)" }
  }
}
