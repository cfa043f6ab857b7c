/// How many columns of a terminal a scalar takes: 0 if it combines with the one before it, 2 for
/// wide East Asian characters and emoji, 1 for all others.
package func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  switch value {
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
    0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
    return 2
  default: return 1
  }
}

/// What to print instead of a scalar: the scalar itself if it is harmless, visible text if it would
/// move the cursor, change the direction of the line or show nothing.
package func safeForTerminal(_ scalar: Unicode.Scalar) -> String {
  switch scalar.value {
  case 0x09: return " "
  case 0x00...0x1F: return Unicode.Scalar(0x2400 + scalar.value).map(String.init) ?? "?"
  case 0x7F: return "\u{2421}"
  case 0x80...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
    0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
    return "<U+\(String(scalar.value, radix: 16, uppercase: true))>"
  default: return String(scalar)
  }
}

/// Text that is safe for a terminal: without control characters.
package func safeForTerminal(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
  return text.unicodeScalars.reduce(into: "") { $0 += safeForTerminal($1) }
}
