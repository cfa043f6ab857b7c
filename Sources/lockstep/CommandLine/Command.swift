/// A subcommand.
struct Command: Sendable {
  /// What it takes.
  let spec: CommandSpec
  /// Does it; gives the exit status.
  let run: @Sendable (ParsedArguments) throws(UsageError) -> Int32

  /// Makes a subcommand of what it takes and what it does.
  init(
    _ spec: CommandSpec,
    _ run: @escaping @Sendable (ParsedArguments) throws(UsageError) -> Int32
  ) {
    self.spec = spec
    self.run = run
  }
}
