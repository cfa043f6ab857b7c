import Operations

/// A subcommand.
struct Command: Sendable {
  /// Runs the command and returns its exit status.
  typealias Run = @Sendable (ParsedArguments, Console) throws(CommandFailure) -> ExitStatus

  /// Its options and arguments.
  let spec: CommandSpec
  let run: Run

  /// Makes a subcommand from its specification and its action.
  init(_ spec: CommandSpec, _ run: @escaping Run) {
    self.spec = spec
    self.run = run
  }
}
