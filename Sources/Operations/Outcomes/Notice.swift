package import VM

/// A message on standard error during an operation or at its end.
package enum Notice: Sendable {
  /// Printed with the name of the command: `lockstep run: …`.
  case ofCommand(String, help: String? = nil)
  /// Mistakes and warnings in a plan.
  case findings(Findings)
  /// Problems with files and folders.
  case problems([Problem])
  /// Paragraphs, such as a warning.
  case paragraphs([Paragraph])

  /// One paragraph.
  package static func words(_ text: String) -> Notice { .paragraphs([Paragraph(text)]) }
}

/// A paragraph of a notice.
///
/// It may contain characters that must not reach a terminal.
package struct Paragraph: Equatable, Sendable {
  package var text: String
  /// How many blanks come before each line.
  package var indent: Int
  /// Whether it is a line to copy, which is never wrapped.
  package var isVerbatim: Bool

  /// Makes a paragraph.
  package init(_ text: String, indent: Int = 0, isVerbatim: Bool = false) {
    self.text = text
    self.indent = indent
    self.isVerbatim = isVerbatim
  }
}

/// Receives the notices of an operation.
package typealias Tell = (Notice) -> Void
