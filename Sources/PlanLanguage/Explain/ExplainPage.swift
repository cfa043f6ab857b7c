/// What `lockstep explain` tells of a diagnostic's code.
package struct ExplainPage: Sendable {
  package var code: DiagnosticCode
  /// What is wrong, in a few words.
  package var title: String
  /// Why it is wrong and what would do; paragraphs, already broken into lines.
  package var story: String
  /// A plan that has the mistake; nil where no text can show it.
  package var wrong: String?
  /// The plan without it.
  package var right: String
  /// A second file, `other.plan`, that the wrong plan includes.
  package var other: String?
  /// Whether the mistake only shows on a machine without release jobs.
  package var isForPlainMachine: Bool

  init(
    _ code: DiagnosticCode,
    _ title: String,
    _ story: String,
    wrong: String?,
    right: String,
    other: String? = nil,
    isForPlainMachine: Bool = false
  ) {
    self.code = code
    self.title = title
    self.story = story
    self.wrong = wrong
    self.right = right
    self.other = other
    self.isForPlainMachine = isForPlainMachine
  }

  /// The page as text for a terminal, ended by a newline.
  package func render() -> String {
    var result = "\(code.rawValue): \(title)\n\n\(story)\n"
    if let wrong { result += "\nWrong:\n\n" + indented(wrong) }
    if let other { result += "\nwith this other.plan:\n\n" + indented(other) }
    return result + "\nRight:\n\n" + indented(right)
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
  }
}

/// The pages of all codes.
package enum Explain {
  /// The page of a code; every code has one.
  package static func page(for code: DiagnosticCode) -> ExplainPage {
    textPage(for: code) ?? namePage(for: code) ?? clausePage(for: code) ?? paramPage(for: code)
      ?? factPage(for: code) ?? testPage(for: code) ?? unitPage(for: code) ?? idlePage(for: code)
      ?? orderPage(for: code)
  }
}
