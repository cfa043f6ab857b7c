import Analysis
import Execution
import PlanGraph
import PlanLanguage
import Words

/// What happens in a rehearsed run, as in `--what-if`.
enum WhatIfQuestion {
  case scenario(Scenario)
  /// To every step in turn.
  case single(Scenario.Effect)

  private static let name = "--what-if"

  /// Reads all questions.
  ///
  /// - Throws: an error if something is not understood or names no step.
  init(_ texts: [String], _ graph: Graph) throws(CommandFailure) {
    var scenario = Scenario()
    for text in texts {
      if text == "none" || text == "ok" { continue }
      if let moment = text.dropping(prefix: "cancel@") {
        scenario.cancellations.append((try Self.duration(moment, text), 15))
        continue
      }
      if text == "all" || text.hasPrefix("all=") {
        guard texts.count == 1 else {
          throw CommandFailure(
            message: "'\(Self.name) \(text)' cannot be combined with another '\(Self.name)'"
          )
        }
        let (effect, attempts) = try Self.effect(text.dropping(prefix: "all=") ?? "fail", text)
        guard attempts.isEmpty else {
          throw CommandFailure(
            message: "'\(text)' names attempts, and 'all' is about all attempts of a step",
            help: "name the step: \(Self.name) STEP=\(text.dropFirst(4))"
          )
        }
        self = .single(effect)
        return
      }
      guard let equals = text.lastIndex(of: "="), equals != text.startIndex else {
        throw CommandFailure(
          message: "'\(Self.name)' takes STEP=WHAT, cancel@TIME, all or none, not '\(text)'",
          help: "such as \(Self.name) pre-start:db/0=fail"
        )
      }
      let pattern = StepPattern(String(text[..<equals]))
      let nodes = graph.steps(named: pattern)
      if nodes.isEmpty { throw StepNames(graph).none(pattern.text) }
      if text[text.index(after: equals)...] == "no" {
        let asked = graph.asked(for: nodes)
        if asked.isEmpty {
          throw CommandFailure(
            message: "'\(text)' names a step without a condition that is checked during the run",
            help: "only 'exists' is checked then; describe a VM with --fact and --set"
          )
        }
        scenario.refused.formUnion(asked)
        continue
      }
      let (effect, attempts) = try Self.effect(String(text[text.index(after: equals)...]), text)
      scenario.changes.append(Scenario.Change(nodes, effect, attempts: attempts))
    }
    self = .scenario(scenario)
  }

  /// Reads `fail@1,2`, `exit 75`, `slow 40s`.
  private static func effect(
    _ words: String,
    _ whole: String
  ) throws(CommandFailure) -> (Scenario.Effect, Set<Int>) {
    var words = words
    var attempts: Set<Int> = []
    if let at = words.lastIndex(of: "@") {
      for number in words[words.index(after: at)...].split(
        separator: ",",
        omittingEmptySubsequences: false
      ) {
        guard let attempt = Int(number), attempt > 0 else {
          throw CommandFailure(
            message: "'\(number)' in '\(whole)' is not the number of an attempt; the first is 1"
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
        throw CommandFailure(
          message: "'\(parts[1])' in '\(whole)' is not a signal such as 9 or KILL"
        )
      }
      return (.dies(signal), attempts)
    case ("exit", 2):
      guard let status = Int32(parts[1]), (0...255).contains(status) else {
        throw CommandFailure(
          message: "'\(parts[1])' in '\(whole)' is not an exit status from 0 to 255"
        )
      }
      return (.exits(status), attempts)
    case ("slow", 2): return (.takes(try duration(parts[1], whole)), attempts)
    default:
      let near = parts.first.flatMap {
        nearMiss($0, among: ["fail", "hang", "stuck", "signal", "exit", "slow", "no"])
      }
      throw CommandFailure(
        message:
          "'\(words)' in '\(whole)' is not one of fail, exit N, signal, signal N, hang, stuck, slow "
          + "TIME, no",
        help: near.map { "did you mean '\($0)'?" }
      )
    }
  }

  private static func duration(
    _ text: String,
    _ whole: String
  ) throws(CommandFailure) -> Duration {
    if let duration = Duration(planText: text) { return duration }
    throw CommandFailure(
      message: "'\(text)' in '\(whole)' is not a duration such as 250ms, 40s or 1h30m"
    )
  }
}

extension String {
  fileprivate func dropping(prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
