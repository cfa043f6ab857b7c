/// The rules for the name of a systemd unit, from systemd.unit(5).
package enum UnitName {
  /// The kinds of units; the name of a unit ends with its kind.
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

  /// The whole name: a name without a kind is the name of a service.
  package static func whole(_ name: String) -> String {
    hasKind(name) ? name : "\(name).service"
  }

  /// The template of an instance, such as `app@.service` for `app@1.service`; nil for other names.
  package static func template(of name: String) -> String? {
    guard let at = name.firstIndex(of: "@"), let dot = name.lastIndex(of: "."), at < dot else {
      return nil
    }
    return String(name[...at] + name[dot...])
  }

  /// The name of an instance of a template, for examples: `app@1.service` for `app@.service`.
  package static func anInstance(of template: String) -> String {
    guard let at = template.firstIndex(of: "@") else { return template }
    return template[...at] + "1" + template[template.index(after: at)...]
  }

  /// Why a name cannot be the name of a unit, as the end of a sentence that begins with the name.
  ///
  /// The result is nil if it can.
  package static func refusal(of name: String) -> String? {
    let text = whole(name)
    let stem = text[..<(text.lastIndex(of: ".") ?? text.endIndex)]
    if name.isEmpty { return "is empty" }
    if stem.isEmpty { return "has nothing before its kind" }
    if name.contains("/") { return "is a path; write the name of the unit without its folder" }
    if name.contains("*") || name.contains("?") || name.contains("[") {
      return "is a pattern; name each unit"
    }
    let isPlain = text.unicodeScalars.allSatisfy {
      switch $0 {
      case "a"..."z", "A"..."Z", "0"..."9", ":", "-", "_", ".", "\\", "@": true
      default: false
      }
    }
    if !isPlain { return "has characters that a unit's name cannot have" }
    if text.hasPrefix("-") || text.hasPrefix(".") || text.hasPrefix("@") {
      return "begins with '\(text.prefix(1))'"
    }
    if stem.hasSuffix("@") {
      return "is a template; only an instance of it can be started or stopped"
    }
    return text.utf8.count > longest ? "is longer than \(longest) characters" : nil
  }
}
