import Foundation
import Testing

/// The table of BOSH's rules names tests that there are.
@Suite("The table of BOSH's rules")
struct RuleTests {
  private let page: Document

  init() throws { page = try Document(name: "docs/bosh.md") }

  /// The rows of the table: rule, what BOSH does, test, and the line they stand in, from 1.
  private var rows: [(cells: [String], line: Int)] {
    let start = page.lines.firstIndex(of: "| rule | what BOSH does | test |") ?? page.lines.endIndex
    return page.lines.enumerated().dropFirst(start + 2).prefix { $0.element.hasPrefix("|") }.map {
      let cells = $0.element.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells, $0.offset + 1)
    }
  }

  /// The names of all tests that are named after a rule.
  private static func namedTests() throws -> Set<String> {
    let folder = Document.package.appending(path: "Tests")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    var names: Set<String> = []
    for path in paths ?? [] where path.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
      for match in text.matches(of: /@Test\(\s*"(BOSH [^"]*)"/) { names.insert(String(match.1)) }
    }
    return names
  }

  @Test("names only tests that there are, and every test that is named after a rule")
  func tests() throws {
    let named = try Self.namedTests()
    #expect(rows.count > 30)
    var told: Set<String> = []
    for (cells, line) in rows {
      guard cells.count == 3 else {
        Issue.record("this row has not three cells", sourceLocation: page.place(line))
        continue
      }
      if cells[2] == "–" { continue }
      told.insert(cells[2])
      if !named.contains(cells[2]) {
        Issue.record("no test has the name '\(cells[2])'", sourceLocation: page.place(line))
      }
    }
    for name in named.subtracting(told).sorted() {
      Issue.record("docs/bosh.md has no row for the test '\(name)'")
    }
  }

  @Test("is in the order of the rules")
  func order() {
    let numbers = rows.map { row in
      row.cells[0].split(separator: ".").compactMap { Int($0) }
    }
    for (index, pair) in zip(numbers, numbers.dropFirst()).enumerated()
    where pair.1.lexicographicallyPrecedes(pair.0) {
      Issue.record("out of order", sourceLocation: page.place(rows[index + 1].line))
    }
  }
}
