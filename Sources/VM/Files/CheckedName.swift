import CLinux
import Glibc

/// A name from outside that is safe as one component of a path: of a release job or a script.
///
/// BOSH's own pattern `[-0-9A-Za-z_+.]+` is matched line by line, so it accepts `..` and a second
/// line. Here the whole name must match, and a leading `-` or `.` is refused as well.
package struct CheckedName: Hashable, Sendable {
  /// The name as it was given.
  package let text: String

  /// Checks a name.
  ///
  /// - Throws: why it is refused, as the end of a sentence that begins with the name.
  package init(_ text: String) throws(NameRefusal) {
    if let reason = Self.refusal(of: text) { throw NameRefusal(reason: reason) }
    self.text = text
  }

  /// NAME_MAX of Linux, in bytes.
  private static let longest = 255

  /// Whether a name begins with a letter or digit and is good; most are.
  private static func isUsual(_ text: String) -> Bool {
    var count = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        break
      case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "."):
        if count == 0 { return false }
      default: return false
      }
      count += 1
    }
    return count > 0 && count <= longest
  }

  /// Why a name is refused, as the end of a sentence that begins with the name; nil for a good one.
  package static func refusal(of text: String) -> String? {
    if isUsual(text) { return nil }
    if text.isEmpty { return "is empty" }
    if text == "." || text == ".." { return "means the folder itself or its parent" }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "+", ".": continue
      case "\n", "\r": return "contains a line break"
      case "/": return "contains '/'"
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}": return "contains a control character"
      default: return "contains '\(scalar)'; only letters, digits and - _ + . are allowed"
      }
    }
    if text.hasPrefix("-") { return "begins with '-', and would be read as an option" }
    if text.hasPrefix(".") { return "begins with '.', and would be hidden" }
    if text.utf8.count > longest { return "is longer than \(longest) characters" }
    return nil
  }
}

/// Why a name is refused.
package struct NameRefusal: Error, Hashable, Sendable {
  /// As the end of a sentence that begins with the name, as in `contains '/'`.
  package var reason: String

  /// Says why.
  package init(reason: String) {
    self.reason = reason
  }
}
