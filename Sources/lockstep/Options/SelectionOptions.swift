import Operations

/// The options that select steps: `--only`, `--from`, `--skip`.
enum SelectionOptions {
  static let all = [
    OptionSpec(
      name: "--only",
      value: "STEP",
      help: "run only the steps with this name: a whole name, a part such as pre-start or db/0, "
        + "or a pattern with * and ?",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--from",
      value: "STEP",
      help: "run only these steps and everything that waits for them",
      isRepeatable: true
    ),
    OptionSpec(
      name: "--skip",
      value: "STEP",
      help: "run all steps except these",
      isRepeatable: true
    ),
  ]

  /// Their values.
  static func selection(_ arguments: ParsedArguments) -> RunSelection {
    RunSelection(
      only: arguments.all("--only"),
      from: arguments.all("--from"),
      skip: arguments.all("--skip")
    )
  }
}
