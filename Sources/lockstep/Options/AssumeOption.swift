import Execution
import Operations
import PlanLanguage

/// `--assume`: decides whether the work of steps in doubt is done.
enum AssumeOption {
  static let option = OptionSpec(
    name: "--assume",
    value: "STEP=WHAT",
    help: "for a step that may not run twice: done (treat it as succeeded) or again (run it)",
    isRepeatable: true
  )

  /// Its value.
  static func assumptions(_ arguments: ParsedArguments) throws(CommandFailure) -> Assumptions {
    var said: [(step: String, assumption: Assumption)] = []
    for text in arguments.all(option.name) {
      // A step's name may contain a '='.
      let equals = text.lastIndex(of: "=")
      let word = equals.map { String(text[text.index(after: $0)...]) } ?? ""
      guard let equals, equals != text.startIndex, let assumption = Assumption(rawValue: word)
      else {
        let near = nearMiss(word, among: Assumption.allCases.map(\.rawValue))
        throw CommandFailure(
          message: "'--assume' takes STEP=done or STEP=again, not '\(text)'",
          help: near.map { "did you mean '\($0)'?" }
        )
      }
      said.append((String(text[..<equals]), assumption))
    }
    return Assumptions(said)
  }
}
