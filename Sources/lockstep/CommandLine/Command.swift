import Operations

/// A subcommand.
struct Command: Sendable {
  /// Does what it is for; gives the exit status.
  typealias Run = @Sendable (ParsedArguments, Console) throws(CommandFailure) -> ExitStatus

  /// What it takes.
  let spec: CommandSpec
  let run: Run

  /// Makes a subcommand of what it takes and what it does.
  init(_ spec: CommandSpec, _ run: @escaping Run) {
    self.spec = spec
    self.run = run
  }
}
