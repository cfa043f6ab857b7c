/// How wide a text is, as far as that is known without the font; for boxes around text.
enum TextWidth {
  /// The size for a box's title: it has 12 pixels but is bolder than other texts.
  static let titleSize = 13.2

  /// The width in pixels in a sans-serif font of `size` pixels; an upper estimate.
  static func of(_ text: String, size: Double) -> Double {
    text.unicodeScalars.reduce(0) { $0 + width($1) } * size
  }

  /// The text, or its beginning and `…`, at most `width` pixels wide.
  static func cut(_ text: String, size: Double, to width: Double) -> String {
    if of(text, size: size) <= width { return text }
    var result = ""
    var used = 1.0
    for character in text {
      used += character.unicodeScalars.reduce(0) { $0 + Self.width($1) }
      if used * size > width { break }
      result.append(character)
    }
    return result + "…"
  }

  /// In units of the font's size.
  private static func width(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "t", "f", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ",
      "/", "-":
      0.38
    case "m", "w", "M", "W", "@", "%": 0.95
    case "A"..."Z": 0.72
    case "\u{0}"..."\u{24F}": 0.61
    case "\u{1100}"...: scalar.value < 0x2E80 ? 0.9 : 1.05
    default: 0.7
    }
  }
}
