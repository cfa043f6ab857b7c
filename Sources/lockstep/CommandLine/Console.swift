import Glibc
import Operations
import Reports
import Words

/// Standard output and error, as a command uses them.
struct Console: Sendable {
  /// The name of the command, for messages.
  let command: String
  /// Whether standard output may have colours.
  let colorsOutput: Bool
  /// Whether standard error may have colours.
  let colorsErrors: Bool

  /// Makes a console for a command.
  ///
  /// Colors depend on `--color`, otherwise on NO_COLOR (no-color.org), otherwise on whether the
  /// terminal supports them.
  init(_ command: String, _ arguments: ParsedArguments) throws(CommandFailure) {
    self.command = command
    let word = try arguments.word("--color", among: ["auto", "always", "never"])
    colorsOutput = Self.usesColor(STDOUT_FILENO, word)
    colorsErrors = Self.usesColor(STDERR_FILENO, word)
  }

  private static func usesColor(_ descriptor: Int32, _ word: String?) -> Bool {
    switch word {
    case "always": return true
    case "never": return false
    default: break
    }
    if let noColor = Terminal.environment("NO_COLOR"), !noColor.isEmpty { return false }
    if Terminal.environment("TERM") == "dumb" { return false }
    return isatty(descriptor) != 0
  }

  var style: Style { Style(isColored: colorsOutput) }

  /// Prints a notice on standard error.
  func tell(_ notice: Notice) { Terminal.complain(text(notice)) }

  /// The lines of a notice.
  func text(_ notice: Notice) -> String {
    NoticeText(command: command, isColored: colorsErrors).text(notice)
  }
}
