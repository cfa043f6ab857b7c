import Glibc
import Operations
import PlanLanguage

/// `lockstep explain`: explains a diagnostic or a word of the plan language.
enum ExplainCommand {
  static let spec = CommandSpec(
    name: "explain",
    summary: "explain a diagnostic or a word of the plan language",
    arguments: "[CODE | WORD]",
    argumentCount: 0...2,
    about: [
      "CODE is the code after 'error' or 'warning', such as PLAN0204. WORD is a word of the plan "
        + "language, such as retry. Each page has examples. Without an argument, all codes and "
        + "words are listed."
    ],
    options: [],
    examples: [
      (
        line: "lockstep explain PLAN0204",
        does: "explain what is wrong with two phases of the same name"
      ),
      (line: "lockstep explain retry", does: "explain what 'retry' means, and where you write it"),
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    if arguments.positionals.isEmpty {
      for code in DiagnosticCode.allCases {
        Terminal.answer("\(code.rawValue)  \(Explain.page(for: code).title)\n")
      }
      for page in Explain.wordPages { Terminal.answer("\(page.word)  \(page.title)\n") }
      return .succeeded
    }
    let text = arguments.positionals.joined(separator: " ")
    if let page = page(text) {
      Terminal.answer(page)
      return .succeeded
    }
    let near = Explain.nearestPage(to: text)
    throw CommandFailure(
      message: "there is no word of the plan language and no code '\(text)' to explain",
      help: near.map { "did you mean '\($0)'?" } ?? "'lockstep explain' lists all of them"
    )
  }

  private static func page(_ text: String) -> String? {
    // `on failure` and `per instance` are explained with related words.
    let others = [
      "on failure": "finally", "on": "finally", "sequence": "parallel", "as": "run",
      "backoff": "retry", "only": "retry", "instances": "deployment-job",
      "release-jobs": "deployment-job", "secret": "param", "per": "phase", "in": "phase",
      "for": "phase", "across": "barrier", "exists": "when", "known": "when", "expect": "test",
      "tcp": "wait", "file": "wait", "command": "wait", "strict": "drain", "unit": "start",
      "start unit": "start", "stop unit": "stop", "side-by-side": "phase", "restart": "start",
    ]
    let word = text.lowercased()
    if let page = Explain.page(forWord: others[word] ?? word) { return page.render() }
    // `204` and `plan0204` mean the same.
    let digits = text.uppercased().drop { !$0.isNumber }
    guard !digits.isEmpty else { return nil }
    let name = "PLAN" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    return DiagnosticCode(rawValue: name).map { Explain.page(for: $0).render() }
  }
}
