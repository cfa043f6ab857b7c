import Glibc
import Machine
import PlanLanguage
import System
import Words

/// What a person says of runs that are not over, and are to be given up for a new one: `--abandon`.
struct Abandonment {
  /// What is to become of what such a run has left.
  enum Way: String, CaseIterable {
    /// It is waited for.
    case wait
    /// It is asked to end, and ended.
    case end
  }

  static let option = OptionSpec(
    name: "--abandon",
    value: "RUN[=WHAT]",
    help: "give up a run that was broken off, and begin anew. WHAT says what becomes of what it "
      + "has left running: wait (the default) waits for it, end asks it to end and kills it after "
      + "\(LeftoverWait.grace.components.seconds) s. 'all' for RUN is every run in the way; they are "
      + "passed over this time only",
    isRepeatable: true
  )

  private let said: [(run: String, way: Way)]
  /// What is to become of whatever else is in the way; nil where it is to stay in the way.
  let others: Way?
  private static let all = "all"

  /// Whether any run is named.
  var isEmpty: Bool { said.isEmpty && others == nil }

  /// Reads what `--abandon` says.
  init(_ arguments: ParsedArguments) throws(UsageError) {
    var said: [(run: String, way: Way)] = []
    var others: Way?
    for text in arguments.all(Self.option.name) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let word = parts.count > 1 ? String(parts[1]) : Way.wait.rawValue
      guard let way = Way(rawValue: word), !parts[0].isEmpty else {
        let near = nearMiss(word, among: Way.allCases.map(\.rawValue))
        throw UsageError(
          message: "'--abandon' takes RUN, RUN=wait or RUN=end, not '\(text)'",
          help: near.map { "did you mean '\($0)'?" }
        )
      }
      // No run is called so: their names begin with the year.
      if parts[0] == Self.all { others = way } else { said.append((String(parts[0]), way)) }
    }
    self.said = said
    self.others = others
  }

  /// Finds out which runs are meant.
  ///
  /// - Throws: where a name is nobody's or several runs'.
  func resolved(
    among runs: [UnfinishedRuns.Found]
  ) throws(UsageError) -> [(run: UnfinishedRuns.Found, way: Way)] {
    var result: [(run: UnfinishedRuns.Found, way: Way)] = []
    for (name, way) in said {
      let matching = runs.filter { $0.id.hasPrefix(name) }
      let all = runs.map(\.id).joined(separator: ", ")
      guard let run = matching.first else {
        throw UsageError(
          message: "no run on this VM that is not over is called '\(name)'",
          help: runs.isEmpty ? "there is none; leave '--abandon' out" : "there is: \(all)"
        )
      }
      if matching.count > 1 {
        throw UsageError(
          message: "'\(name)' begins the names of \(matching.count) runs",
          help: "give more of it: \(matching.map(\.id).joined(separator: ", "))"
        )
      }
      if !result.contains(where: { $0.run.id == run.id }) { result.append((run, way)) }
    }
    return result
  }

  /// Waits for what runs have left, or ends it, and says so.
  ///
  /// - Parameters:
  ///   - left: the processes.
  ///   - run: whose they are, for people.
  ///   - way: what is to become of them.
  /// - Returns: nil when nothing is left; else the signal by which somebody stopped the waiting.
  /// - Throws: why that is not possible.
  static func settle(
    _ left: [LeftoverProcess],
    of run: String,
    _ way: Way
  ) throws(SystemError) -> Int32? {
    if left.isEmpty { return nil }
    let end = try LeftoverWait.wait(for: left, isEnding: way == .end) { left, isFirst in
      let what = way == .end ? "ending" : isFirst ? "waiting for" : "still waiting for"
      say(what, left, of: run)
    }
    if case .stopped(let signal) = end { return signal }
    return nil
  }

  private static func say(_ what: String, _ left: [LeftoverProcess], of run: String) {
    for process in left {
      let hint = what == "ending" ? "" : "; Ctrl-C stops the waiting, and nothing is started then"
      Terminal.complain(
        filled(
          "\(what) \(safeForTerminal(process.step)) of \(run): \(process.words)\(hint)",
          indent: 0
        )
      )
    }
  }
}
