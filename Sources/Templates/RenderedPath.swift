package import VM

/// Where a rendered file goes: relative to the folder of its release job, and always inside it.
package struct RenderedPath: Hashable, Sendable {
  /// The names on the way, at least one.
  package let components: [String]

  /// The path; empty parts and `.` are left out.
  package var text: String { components.joined(separator: "/") }
  /// The folders on the way to it.
  var folders: ArraySlice<String> { components.dropLast() }
  /// Its own name.
  var name: String { components[components.count - 1] }
  /// Whether BOSH's agent makes it executable: everything inside `bin`.
  var isProgram: Bool { components.count > 1 && components[0] == "bin" }

  /// The lifecycle script or errand that it is; nil for any other file.
  var script: String? {
    guard components.count == 2, components[0] == "bin" else { return nil }
    let kinds = [
      "pre-start", "post-start", "post-deploy", "pre-stop", "drain", "post-stop", "run",
    ]
    return kinds.contains(name) ? name : nil
  }

  /// Checks a destination as a spec has it.
  ///
  /// - Throws: why it is refused, as the end of a sentence that begins with it.
  package init(_ text: String) throws(NameRefusal) {
    if text.hasPrefix("/") { throw NameRefusal(reason: "begins with '/'") }
    if text.hasSuffix("/") { throw NameRefusal(reason: "is a folder") }
    let parts = text.split(separator: "/").map(String.init).filter { $0 != "." }
    if parts.isEmpty { throw NameRefusal(reason: "names no file") }
    for part in parts {
      if part == ".." { throw NameRefusal(reason: "has '..' in it") }
      if part.utf8.count > 255 { throw NameRefusal(reason: "has a name of more than 255 bytes") }
      if part.unicodeScalars.contains(where: { $0.value < 32 || (127...159).contains($0.value) }) {
        throw NameRefusal(reason: "contains a control character")
      }
    }
    components = parts
  }
}
