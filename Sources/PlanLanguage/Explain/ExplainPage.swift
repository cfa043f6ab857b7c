/// What `lockstep explain` prints about the code of a diagnostic.
package struct ExplainPage: Sendable {
  package var code: DiagnosticCode
  /// What is wrong, in a few words.
  package var title: String
  /// Why it is wrong and what to write instead: paragraphs, already broken into lines.
  package var story: String
  /// A plan, or a hosts file, with the mistake; nil if no text can show it.
  package var wrong: String?
  /// The same without the mistake.
  package var right: String
  /// A second file, `other.plan`, that the wrong plan includes.
  package var other: String?
  /// Whether the mistake shows only on a machine without release jobs.
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

  /// The page as text for a terminal, with a newline at its end.
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

/// The pages about all codes and words.
package enum Explain {
  /// The page about a code; every code has one.
  package static func page(for code: DiagnosticCode) -> ExplainPage {
    textPage(for: code) ?? namePage(for: code) ?? clausePage(for: code) ?? paramPage(for: code)
      ?? factPage(for: code) ?? testPage(for: code) ?? unitPage(for: code) ?? idlePage(for: code)
      ?? hostsPage(for: code) ?? orderPage(for: code)
  }
}
