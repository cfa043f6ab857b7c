/// Colours for text on a terminal, or none.
package struct Style: Sendable {
  /// What a colour means.
  package enum Tone: Sendable { case good, caution, bad, dim, strong }

  private let isColored: Bool

  /// Makes a style, with or without colours.
  package init(isColored: Bool) { self.isColored = isColored }

  /// The text in the colour of its tone (ECMA-48 SGR); unchanged without colours.
  package func paint(_ text: String, _ tone: Tone) -> String {
    if !isColored { return text }
    let code =
      switch tone {
      case .good: "32"
      case .caution: "33"
      case .bad: "1;31"
      case .dim: "2"
      case .strong: "1"
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
