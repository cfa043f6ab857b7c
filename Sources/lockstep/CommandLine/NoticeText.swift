import Operations
import VM
import Words

/// Notices as lines of at most 80 columns that are safe for a terminal.
struct NoticeText {
  /// The name of the command; nil before it is known.
  var command: String?
  var isColored = false

  /// How many problems of machines are printed.
  private static let mostProblems = 20

  /// The lines of a notice; empty if there is nothing to print.
  func text(_ notice: Notice) -> String {
    switch notice {
    case .ofCommand(let message, let help):
      let name = command.map { "lockstep \($0)" } ?? "lockstep"
      return filled("\(name): \(safeForTerminal(message))", indent: 0)
        + (help.map { filled(safeForTerminal($0), indent: 0) } ?? "")
    case .findings(let findings):
      let text = findings.text(color: isColored)
      return text.isEmpty ? "" : "\(text)\n"
    case .problems(let problems): return self.text(problems)
    case .paragraphs(let paragraphs): return paragraphs.map(text).joined()
    }
  }

  private func text(_ problems: [Problem]) -> String {
    var text = ""
    for problem in problems.prefix(Self.mostProblems) {
      text += "error: \(safeForTerminal(problem.path))\n"
      text += filled(safeForTerminal(problem.what), indent: 2)
      if let help = problem.help { text += filled("help: \(safeForTerminal(help))", indent: 2) }
    }
    let rest = problems.count - Self.mostProblems
    return rest > 0 ? text + "and \(counted(rest, "more problem"))\n" : text
  }

  private func text(_ paragraph: Paragraph) -> String {
    let text = safeForTerminal(paragraph.text)
    if !paragraph.isVerbatim { return filled(text, indent: paragraph.indent) }
    return String(repeating: " ", count: paragraph.indent) + text + "\n"
  }
}
