import Glibc
import Machine
import VM

/// `lockstep resume`: goes on with a run that was broken off, or that did not succeed.
enum ResumeCommand {
  static let spec = CommandSpec(
    name: "resume",
    summary: "go on with a run that failed or was broken off",
    arguments: "[RUN]",
    argumentCount: 0...1,
    about: [
      "Goes on with the last run on a VM, or with the one of that name (its beginning will do). What "
        + "succeeded is not run again. What was cut short, failed or was never started is run, with "
        + "all of its attempts; a process of the earlier run that still goes on is waited for first.",
      "A 'run' that is not idempotent is never started a second time by itself: where it failed, or "
        + "nobody can tell how it ended, nothing is started before a person says which it is to be, "
        + "with --assume.",
    ],
    options: [
      OptionSpec(
        name: VMSelection.option.name,
        value: VMSelection.option.value,
        help:
          "the VM's folder, of several the first, in which the run is recorded; or all of them, as "
          + "for the run itself. Default: /var/vcap; where there is "
          + "none, /",
        isRepeatable: true
      ),
      RunOptions.stateOption,
      RunOptions.keepOption,
      OptionSpec(
        name: "--explain",
        value: nil,
        help: "say for every step why it would run or not; run and change nothing"
      ),
      OptionSpec(
        name: "--assume",
        value: "STEP=WHAT",
        help:
          "for a step that may not be run twice: done (take it for succeeded) or again (run it)",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--accept-changes",
        value: nil,
        help: "go on although the plan or a script has changed, with what it is now; what has "
          + "changed runs again"
      ),
      OptionSpec(
        name: "--set",
        value: "NAME=VALUE",
        help: "give a secret param its value again; others are known",
        isRepeatable: true
      ),
      OptionSpec(
        name: "--set-file",
        value: "NAME=FILE",
        help: "the same from a file, less a last line feed",
        isRepeatable: true
      ),
      RunOptions.quietOption,
    ],
    examples: [
      (line: "lockstep resume --explain", does: "what would be run, and why"),
      (line: "lockstep resume", does: "go on with the last run on this VM"),
      (
        line: "lockstep resume --assume migrate=done",
        does: "the step 'migrate' was seen to by hand"
      ),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    Terminal.needNobody()
    let refusal = Refusal(spec.name)
    let place = try state(arguments)
    let found: FoundRun
    do {
      found = try FoundRun(place, name: arguments.positionals.first)
    } catch {
      return refusal.because([error])
    }
    return try goOn(found, arguments, refusal)
  }

  /// Goes on with a run that was found; gives the exit status.
  static func goOn(
    _ found: FoundRun,
    _ arguments: ParsedArguments,
    _ refusal: Refusal
  ) throws(UsageError) -> Int32 {
    do {
      return try Resumption(found, arguments).run()
    } catch {
      switch error {
      case .usage(let error): throw error
      case .problems(let problems): return refusal.because(problems)
      case .damaged(let problem):
        Preparation.complain([problem])
        return ExitStatus.damaged.rawValue
      case .status(let status): return refusal.status(status)
      }
    }
  }

  /// Where the records are: what `--state` says, else beneath the VM's folder.
  static func state(_ arguments: ParsedArguments) throws(UsageError) -> RunStore.Place {
    if let path = try RunOptions.state(arguments) { return .at(path) }
    let path = try VMSelection.Request(arguments).first ?? VMFolder.defaultPath
    do {
      return .beneath(try VMFolder(path))
    } catch {
      throw UsageError(
        message: error.problems.map(\.description).joined(separator: "; "),
        help: "name the VM with --vm ROOT, or the folder of the records with --state DIR"
      )
    }
  }
}
