package import VM

/// Something that people are told on standard error while an operation goes on, or when it ends.
package enum Notice: Sendable {
  /// Said in the name of the command: `lockstep run: …`.
  case ofCommand(String, help: String? = nil)
  /// What is wrong with a plan, or remarkable.
  case findings(Findings)
  /// What is wrong with files and folders.
  case problems([Problem])
  /// Paragraphs, such as a warning.
  case paragraphs([Paragraph])

  /// One paragraph.
  package static func words(_ text: String) -> Notice { .paragraphs([Paragraph(text)]) }
}

/// A paragraph of a notice; it may hold characters that no terminal should see.
package struct Paragraph: Equatable, Sendable {
  package var text: String
  /// How many blanks stand in front of each of its lines.
  package var indent: Int
  /// Whether it is one line to copy, and so is never broken.
  package var isVerbatim: Bool

  /// Makes a paragraph.
  package init(_ text: String, indent: Int = 0, isVerbatim: Bool = false) {
    self.text = text
    self.indent = indent
    self.isVerbatim = isVerbatim
  }
}

/// Takes what people are told while an operation goes on.
package typealias Tell = (Notice) -> Void
