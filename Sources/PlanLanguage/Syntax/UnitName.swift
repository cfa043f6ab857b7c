/// The name of a systemd unit, as systemd.unit(5) has it.
package enum UnitName {
  /// The kinds of units, which their names end with.
  package static let kinds = [
    "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice",
    "scope",
  ]
  private static let longest = 255

  /// Whether a name ends with a kind.
  package static func hasKind(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return kinds.contains(String(name[name.index(after: dot)...]))
  }

  /// The whole name: one without a kind is that of a service.
  package static func whole(_ name: String) -> String {
    hasKind(name) ? name : "\(name).service"
  }

  /// The template that a name such as `app@1.service` is an instance of, `app@.service`; nil for any
  /// other name.
  package static func template(of name: String) -> String? {
    guard let at = name.firstIndex(of: "@"), let dot = name.lastIndex(of: "."), at < dot else {
      return nil
    }
    return String(name[...at] + name[dot...])
  }

  /// The name of an instance of a template, for an example: `app@1.service` for `app@.service`.
  package static func anInstance(of template: String) -> String {
    guard let at = template.firstIndex(of: "@") else { return template }
    return template[...at] + "1" + template[template.index(after: at)...]
  }

  /// Why a name cannot be a unit's, as the end of a sentence that begins with the name; nil where it
  /// can.
  package static func refusal(of name: String) -> String? {
    let text = whole(name)
    let stem = text[..<(text.lastIndex(of: ".") ?? text.endIndex)]
    if name.isEmpty { return "is empty" }
    if stem.isEmpty { return "has nothing before its kind" }
    if name.contains("/") { return "is a path, and a unit is named without its folder" }
    if name.contains("*") || name.contains("?") || name.contains("[") {
      return "is a pattern; name each unit"
    }
    let isPlain = text.unicodeScalars.allSatisfy {
      switch $0 {
      case "a"..."z", "A"..."Z", "0"..."9", ":", "-", "_", ".", "\\", "@": true
      default: false
      }
    }
    if !isPlain { return "has characters that no unit's name has" }
    if text.hasPrefix("-") || text.hasPrefix(".") || text.hasPrefix("@") {
      return "begins with '\(text.prefix(1))'"
    }
    if stem.hasSuffix("@") {
      return "is a template, of which only an instance can be started or stopped"
    }
    return text.utf8.count > longest ? "is longer than \(longest) characters" : nil
  }
}
