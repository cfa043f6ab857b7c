import Machine
import Operations
import PlanLanguage

/// `--abandon`: abandons unfinished runs.
enum AbandonOption {
  static let option = OptionSpec(
    name: "--abandon",
    value: "RUN[=WHAT]",
    help: "give up an interrupted run and start a new one. WHAT says what to do with processes "
      + "that it left running: wait (default) waits for them; end asks them to end and kills them "
      + "after \(LeftoverWait.grace.components.seconds) s. 'all' as RUN means every run in the "
      + "way; those are ignored this time only",
    isRepeatable: true
  )

  /// Its value.
  static func abandonment(_ arguments: ParsedArguments) throws(CommandFailure) -> Abandonment {
    var said: [(run: String, way: Abandonment.Way)] = []
    var others: Abandonment.Way?
    for text in arguments.all(option.name) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let word = parts.count > 1 ? String(parts[1]) : Abandonment.Way.wait.rawValue
      guard let way = Abandonment.Way(rawValue: word), !parts[0].isEmpty else {
        let near = nearMiss(word, among: Abandonment.Way.allCases.map(\.rawValue))
        throw CommandFailure(
          message: "'--abandon' takes RUN, RUN=wait or RUN=end, not '\(text)'",
          help: near.map { "did you mean '\($0)'?" }
        )
      }
      // No run has this name, because names begin with the year.
      if parts[0] == "all" { others = way } else { said.append((String(parts[0]), way)) }
    }
    return Abandonment(said, others: others)
  }
}
