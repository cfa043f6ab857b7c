// Comments directly above a declaration.
extension TreeParser {
  /// The text of a comment block, without `#`, the blank after it, and empty lines at the ends.
  func documentationText(_ block: Span) -> String? {
    var lines: [String] = []
    var offset = Int(block.start)
    let end = Int(block.end)
    while offset < end {
      while offset < end && lexer.at(offset) != 0x23 { offset += 1 }
      let isInterpreterLine = lexer.at(offset + 1) == 0x21 && beginsText(offset)
      while lexer.at(offset) == 0x23 { offset += 1 }
      if lexer.at(offset) == 0x20 { offset += 1 }
      var last = offset
      while last < end && lexer.at(last) != 0x0A && lexer.at(last) != 0x0D { last += 1 }
      var trimmed = last
      while trimmed > offset && (lexer.at(trimmed - 1) == 0x20 || lexer.at(trimmed - 1) == 0x09) {
        trimmed -= 1
      }
      if !isInterpreterLine {
        lines.append(text(Span(UInt32(offset), UInt32(max(offset, trimmed)))))
      }
      offset = last
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    let kept = lines.drop(while: \.isEmpty)
    return kept.isEmpty ? nil : kept.joined(separator: "\n")
  }

  /// Whether only blanks come before a place, so that it is first after formatting.
  private func beginsText(_ place: Int) -> Bool {
    var offset = place
    while offset > 0 {
      switch lexer.at(offset - 1) {
      case 0x20, 0x09, 0x0A, 0x0D: offset -= 1
      default: return offset == 3 && lexer.at(0) == 0xEF
      }
    }
    return true
  }
}
