import Foundation
import Testing

/// Compares what docs/architecture.md says about targets, folders and types with the code.
@Suite("The architecture")
struct ArchitectureTests {
  private let page: Document
  private let code = SourceTree.shared

  init() throws { page = try Document(name: "docs/architecture.md") }

  @Test func eachTargetImportsWhatItsRowSays() throws {
    let package = try String(
      contentsOf: Document.package.appending(path: "Package.swift"),
      encoding: .utf8
    )
    let rows = page.table("Targets")
    #expect(rows.count > 10)
    for row in rows where row[0] != "`lockstep`" {
      let name = row[0].codeWords[0]
      let declared = try #require(Self.dependencies(of: name, in: package))
      #expect(Set(row[2].codeWords) == declared, "the row of \(name)")
    }
  }

  @Test func foldersUseOnlyFoldersBehindThem() {
    let rows = page.table("Folders")
    var levels: [String: [[String]]] = [:]
    for row in rows {
      levels[row[0].codeWords[0]] = row[1].split(separator: "→").map { $0.codeWords }
    }
    for (target, folders) in code.folders {
      guard let order = levels[target] else {
        #expect(folders.count == 1, "docs/architecture.md has no row for the folders of \(target)")
        continue
      }
      #expect(Set(order.joined()) == Set(folders.keys), "the folders of \(target)")
      for use in code.uses(in: target) {
        let user = order.firstIndex { $0.contains(use.user) } ?? 0
        let used = order.firstIndex { $0.contains(use.used) } ?? 0
        #expect(
          user < used,
          "\(target)/\(use.file) uses \(use.name) of \(target)/\(use.used), which is not behind it"
        )
      }
    }
  }

  @Test("no file is longer than 400 lines", arguments: ["Sources", "Tests"])
  func lengths(folder: String) {
    for file in SourceTree.texts(in: folder) {
      let count = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(count <= 400, "\(file.path) has \(count) lines")
    }
  }

  /// A name in backquotes that begins with a capital letter is a type or a file of the code.
  @Test("names are those of the code", arguments: ["architecture", "internals", "decisions"])
  func names(page name: String) throws {
    let page = try Document(name: "docs/\(name).md")
    let known = code.names.union(["Process", "Package", "Glibc", "Int32", "UInt"])
    var isInFence = false
    for (index, line) in page.lines.enumerated() {
      if line.hasPrefix("```") { isInFence.toggle() }
      if isInFence { continue }
      for word in line.codeWords {
        let isPath = word.contains("/")
        guard word.first?.isUppercase == true, word.dropFirst().contains(where: \.isLowercase),
          !word.contains(" ")
        else { continue }
        if code.isFolder(word) { continue }
        let first = String(word.prefix { $0.isLetter || $0.isNumber })
        let isKnown =
          isPath
          ? code.hasPath(word)
          : word.hasSuffix(".swift") ? code.hasFile(word) : known.contains(first)
        if !isKnown { Issue.record("no \(word)", sourceLocation: page.place(index + 1)) }
      }
    }
  }

  /// What a target of Package.swift depends on; nil if there is no such target.
  private static func dependencies(of target: String, in package: String) -> Set<String>? {
    guard let start = package.range(of: "name: \"\(target)\"") else { return nil }
    let rest = package[start.upperBound...]
    let end = rest.range(of: "arget(")?.lowerBound ?? rest.endIndex
    guard let list = rest[..<end].range(of: "dependencies: [") else { return [] }
    let names = rest[list.upperBound...].prefix { $0 != "]" }
    return Set(names.split(separator: "\"").map(String.init).filter { $0.allSatisfy(\.isLetter) })
  }
}

/// The Swift files of Sources/, and who mentions whose types.
struct SourceTree: Sendable {
  struct File: Sendable {
    /// Relative to the package.
    var path: String
    var text: String
    /// Types that it declares at the top level.
    var topLevelTypes: Set<String> = []
    /// Types that it declares anywhere.
    var types: Set<String> = []
    /// Words in its code that begin with a capital letter; comments are left out.
    var mentions: Set<String> = []

    /// Reads the code of a file, line by line.
    init(path: String, text: String) {
      self.path = path
      self.text = text
      for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
        let words = Self.words(in: line)
        for (index, word) in words.enumerated() {
          if index > 0, Self.keywords.contains(words[index - 1]) {
            types.insert(word)
            if line.first != UInt8(ascii: " "), words[0] != "private", words[0] != "fileprivate" {
              topLevelTypes.insert(word)
            }
          }
          if word.utf8.first.map({ (0x41...0x5A).contains($0) }) == true { mentions.insert(word) }
        }
      }
    }

    private static let keywords: Set<String> = [
      "struct", "class", "enum", "protocol", "typealias",
    ]

    /// The words of a line, up to a comment.
    private static func words(in line: Substring.UTF8View) -> [String] {
      let slash = UInt8(ascii: "/")
      var end = line.startIndex
      while end < line.endIndex {
        let next = line.index(after: end)
        if line[end] == slash, next < line.endIndex, line[next] == slash { break }
        end = next
      }
      return line[..<end]
        .split {
          !((0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
            || $0 == UInt8(ascii: "_"))
        }
        .compactMap { String($0) }
    }
  }

  struct Use: Hashable {
    var file: String
    var user: String
    var used: String
    var name: String
  }

  /// By target, by folder (`.` for the target's own): the files.
  let folders: [String: [String: [File]]]
  /// Read once.
  static let shared = SourceTree()
  /// Every declared type, every file and every target.
  let names: Set<String>

  init() {
    var folders: [String: [String: [File]]] = [:]
    var names: Set<String> = []
    for file in Self.files(in: "Sources") + Self.files(in: "Tests/Support") {
      let parts = file.path.split(separator: "/").map(String.init)
      names.formUnion(file.types)
      if let name = parts.last { names.insert(String(name.dropLast(".swift".count))) }
      if parts[0] != "Sources" { continue }
      let folder = parts.dropFirst(2).dropLast().joined(separator: "/")
      folders[parts[1], default: [:]][folder.isEmpty ? "." : folder, default: []].append(file)
    }
    let all = (try? FileManager.default.contentsOfDirectory(atPath: Self.path("Sources"))) ?? []
    self.folders = folders
    self.names = names.union(all)
  }

  /// The Swift files in a folder of the package.
  static func files(in folder: String) -> [File] {
    texts(in: folder).map { File(path: $0.path, text: $0.text) }
  }

  /// The Swift files in a folder of the package, as they are.
  static func texts(in folder: String) -> [(path: String, text: String)] {
    let found = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String }
    return (found ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
      let text = try? String(contentsOfFile: path("\(folder)/\(name)"), encoding: .utf8)
      return text.map { ("\(folder)/\(name)", $0) }
    }
  }

  private static func path(_ relative: String) -> String {
    Document.package.appending(path: relative).path
  }

  func hasFile(_ name: String) -> Bool {
    name == "Package.swift"
      || folders.values.contains {
        $0.values.contains { $0.contains { $0.path.hasSuffix("/\(name)") } }
      }
  }

  /// Whether a target has a folder of this name.
  func isFolder(_ name: String) -> Bool { folders.values.contains { $0[name] != nil } }

  /// Whether a path exists, in the package or in Sources/.
  func hasPath(_ path: String) -> Bool {
    ["", "Sources/"].contains { FileManager.default.fileExists(atPath: Self.path($0 + path)) }
  }

  /// Which files of a target mention what another folder of it declares at the top level.
  func uses(in target: String) -> [Use] {
    let folders = folders[target] ?? [:]
    var homes: [String: Set<String>] = [:]
    for (folder, files) in folders {
      for type in files.flatMap(\.topLevelTypes) { homes[type, default: []].insert(folder) }
    }
    var uses: [Use] = []
    for (folder, files) in folders {
      for file in files {
        for name in file.mentions {
          guard let home = homes[name], home.count == 1, let used = home.first, used != folder
          else { continue }
          let path = file.path.split(separator: "/").dropFirst(2).joined(separator: "/")
          uses.append(Use(file: path, user: folder, used: used, name: name))
        }
      }
    }
    return uses.sorted { ($0.file, $0.name) < ($1.file, $1.name) }
  }
}

extension Document {
  /// The rows of the first table after a heading, each a list of its cells.
  func table(_ heading: String) -> [[Substring]] {
    guard let start = lines.firstIndex(of: "## \(heading)") else { return [] }
    let rows = lines[start...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
    return rows.dropFirst(2).map { row in
      row.split(separator: "|").map { $0.trimming { $0 == " " } }
    }
  }
}

extension StringProtocol where SubSequence == Substring {
  /// The texts between backquotes.
  fileprivate var codeWords: [String] {
    split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
    var rest = self[...]
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
