import Foundation
import Testing

/// A page of the documentation: its links and fences.
struct Document: CustomStringConvertible, Sendable {
  /// Its path relative to the package's folder, such as `docs/language.md`.
  let name: String
  let fences: [Fence]
  let links: [Link]
  /// The anchors that a link to this page may have after `#`.
  let anchors: Set<String>
  let lines: [String]

  var description: String { name }

  /// A link to another page or file of the package, or to a heading.
  struct Link: Sendable {
    var target: String
    /// From 1.
    var line: Int
  }

  /// The package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// README.md and everything in docs/.
  static let all: [Document] = {
    let folder = package.appending(path: "docs")
    let pages = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    let names = (pages ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    return (["README.md"] + names).compactMap { try? Document(name: $0) }
  }()

  /// Reads a page.
  init(name: String) throws {
    let text = try String(contentsOf: Self.package.appending(path: name), encoding: .utf8)
    self.name = name
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var fences: [Fence] = []
    var links: [Link] = []
    var anchors: Set<String> = []
    var open: (fence: Fence, mark: String)?
    for (index, line) in lines.enumerated() {
      if let (fence, mark) = open {
        if line == mark {
          fences.append(fence)
          open = nil
        } else {
          open?.fence.lines.append(line)
        }
      } else if line.hasPrefix("```") {
        let mark = String(line.prefix { $0 == "`" })
        let info = line.dropFirst(mark.count).split(separator: " ").map(String.init)
        open = (Fence(info: info, line: index + 1), mark)
      } else {
        if line.hasPrefix("#") { anchors.insert(Self.anchor(of: line)) }
        links += Self.links(in: line).map { Link(target: $0, line: index + 1) }
      }
    }
    self.fences = fences
    self.links = links
    self.anchors = anchors
  }

  /// The location of a line, for a test failure.
  func place(_ line: Int) -> SourceLocation {
    let path = Self.package.appending(path: name).path
    return SourceLocation(fileID: "DocsTests/\(name)", filePath: path, line: line, column: 1)
  }

  /// The anchor that GitHub makes from a heading.
  private static func anchor(of heading: String) -> String {
    let words = heading.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
    let kept = words.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " }
    return kept.replacing(" ", with: "-")
  }

  private static func links(in line: String) -> [String] {
    // Text between backquotes is not a link.
    let plain = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "" }.joined()
    return plain.matches(of: #/\]\(([^()\s]+)\)/#).map { String($0.1) }
  }
}

/// A block between ``` and ```.
struct Fence: Sendable {
  /// The words after the opening marks; the first one is the language.
  var info: [String]
  /// The line of the opening marks, from 1.
  var line: Int
  var lines: [String] = []

  init(info: [String], line: Int) {
    self.info = info
    self.line = line
  }

  var language: String { info.first ?? "" }
  var text: String { lines.map { $0 + "\n" }.joined() }
}
