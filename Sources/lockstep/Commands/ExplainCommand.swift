import Glibc
import PlanLanguage

/// `lockstep explain`: tells the whole story of a diagnostic.
enum ExplainCommand {
  static let spec = CommandSpec(
    name: "explain",
    summary: "tell the whole story of a diagnostic, with examples",
    arguments: "[CODE]",
    argumentCount: 0...1,
    about: [
      "CODE is what stands behind 'error' or 'warning', such as PLAN0204; without it all codes are "
        + "listed."
    ],
    options: [],
    examples: [(line: "lockstep explain PLAN0204", does: "what a second phase of one name is")]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    guard let text = arguments.positionals.first else {
      for code in DiagnosticCode.allCases {
        Terminal.answer("\(code.rawValue)  \(Explain.page(for: code).title)\n")
      }
      return ExitStatus.succeeded.rawValue
    }
    // `204` and `plan0204` are the same question.
    let digits = text.uppercased().drop { !$0.isNumber }
    let name = "PLAN" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    guard let code = DiagnosticCode(rawValue: name) else {
      let near = nearMiss(name, among: DiagnosticCode.allCases.map(\.rawValue))
      throw UsageError(
        message: "no diagnostic has the code '\(text)'",
        help: near.map { "did you mean \($0)?" } ?? "'lockstep explain' lists all of them"
      )
    }
    Terminal.answer(Explain.page(for: code).render())
    return ExitStatus.succeeded.rawValue
  }
}
