import Analysis
import Execution
import PlanGraph
import PlanLanguage
import Words

/// What `--what-if` says is to happen in a rehearsed run.
enum WhatIfOption {
  /// What the command line asks for.
  enum Request {
    case scenario(Scenario)
    /// Every step in turn.
    case single(Scenario.Effect)
  }

  static let name = "--what-if"

  static let option = OptionSpec(
    name: name,
    value: "WHAT",
    help:
      "rehearse a run on a virtual clock, with STEP=fail, 'STEP=exit N', STEP=signal, "
      + "STEP=hang, STEP=stuck (takes no notice of TERM) or 'STEP=slow TIME', behind it @1,2 for "
      + "those attempts only; STEP=no: its condition does not hold; cancel@TIME; none for no "
      + "misfortune; all (or all=hang, …) for what comes of each step's failure, one at a time",
    isRepeatable: true
  )

  /// Reads all that is said.
  ///
  /// - Throws: what is not understood, or names no step.
  static func request(_ texts: [String], _ graph: Graph) throws(UsageError) -> Request {
    var scenario = Scenario()
    for text in texts {
      if text == "none" || text == "ok" { continue }
      if let moment = text.dropping(prefix: "cancel@") {
        scenario.cancellations.append((try duration(moment, text), 15))
        continue
      }
      if text == "all" || text.hasPrefix("all=") {
        guard texts.count == 1 else {
          throw UsageError(message: "'\(name) \(text)' stands alone, beside no other '\(name)'")
        }
        let (effect, attempts) = try effect(text.dropping(prefix: "all=") ?? "fail", text)
        guard attempts.isEmpty else {
          throw UsageError(
            message: "'\(text)' names attempts, and 'all' is about all attempts of a step",
            help: "name the step: \(name) STEP=\(text.dropFirst(4))"
          )
        }
        return .single(effect)
      }
      guard let equals = text.lastIndex(of: "="), equals != text.startIndex else {
        throw UsageError(
          message: "'\(name)' takes STEP=WHAT, cancel@TIME, all or none, not '\(text)'",
          help: "such as \(name) pre-start:db/0=fail"
        )
      }
      let pattern = StepPattern(String(text[..<equals]))
      let nodes = graph.steps(named: pattern)
      if nodes.isEmpty { throw StepNames(graph).none(pattern.text) }
      if text[text.index(after: equals)...] == "no" {
        let asked = graph.asked(for: nodes)
        if asked.isEmpty {
          throw UsageError(
            message: "'\(text)' is about a step with no condition that is asked during the run",
            help: "only 'exists' is asked then; what a VM is like is said by --fact and --set"
          )
        }
        scenario.refused.formUnion(asked)
        continue
      }
      let (effect, attempts) = try effect(String(text[text.index(after: equals)...]), text)
      scenario.changes.append(Scenario.Change(nodes, effect, attempts: attempts))
    }
    return .scenario(scenario)
  }

  /// Reads `fail@1,2`, `exit 75`, `slow 40s`.
  private static func effect(
    _ words: String,
    _ whole: String
  ) throws(UsageError) -> (Scenario.Effect, Set<Int>) {
    var words = words
    var attempts: Set<Int> = []
    if let at = words.lastIndex(of: "@") {
      for number in words[words.index(after: at)...].split(
        separator: ",",
        omittingEmptySubsequences: false
      ) {
        guard let attempt = Int(number), attempt > 0 else {
          throw UsageError(
            message: "'\(number)' in '\(whole)' is no number of an attempt; the first is 1"
          )
        }
        attempts.insert(attempt)
      }
      words = String(words[..<at])
    }
    let parts = words.split(separator: " ").map(String.init)
    switch (parts.first, parts.count) {
    case ("fail", 1): return (.fails, attempts)
    case ("hang", 1): return (.hangs, attempts)
    case ("stuck", 1): return (.isStuck, attempts)
    case ("signal", 1): return (.dies(9), attempts)
    case ("signal", 2):
      let signal =
        Int32(parts[1])
        ?? (Int32(1)...31).first { [parts[1], "SIG\(parts[1])"].contains(signalName($0)) }
      guard let signal, (1...64).contains(signal) else {
        throw UsageError(message: "'\(parts[1])' in '\(whole)' is no signal such as 9 or KILL")
      }
      return (.dies(signal), attempts)
    case ("exit", 2):
      guard let status = Int32(parts[1]), (0...255).contains(status) else {
        throw UsageError(message: "'\(parts[1])' in '\(whole)' is no exit status from 0 to 255")
      }
      return (.exits(status), attempts)
    case ("slow", 2): return (.takes(try duration(parts[1], whole)), attempts)
    default:
      let near = parts.first.flatMap {
        nearMiss($0, among: ["fail", "hang", "stuck", "signal", "exit", "slow", "no"])
      }
      throw UsageError(
        message:
          "'\(words)' in '\(whole)' is none of fail, exit N, signal, signal N, hang, stuck, slow "
          + "TIME, no",
        help: near.map { "did you mean '\($0)'?" }
      )
    }
  }

  private static func duration(
    _ text: String,
    _ whole: String
  ) throws(UsageError) -> Duration {
    if let duration = Duration(planText: text) { return duration }
    throw UsageError(
      message: "'\(text)' in '\(whole)' is no duration such as 250ms, 40s or 1h30m"
    )
  }
}

extension String {
  fileprivate func dropping(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
