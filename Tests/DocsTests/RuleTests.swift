import Foundation
import Testing

/// The tables of BOSH's rules name tests that exist.
///
/// The name of a test for a rule begins with `BOSH`; the page has the name in backquotes.
@Suite("The table of BOSH's rules")
struct RuleTests {
  private let page: Document

  init() throws { page = try Document(name: "docs/bosh.md") }

  /// The names of tests on the page, each with its line, from 1.
  private var told: [(name: String, line: Int)] {
    page.lines.enumerated().flatMap { index, line in
      line.matches(of: /`(BOSH [^`]*)`/).map { (String($0.1), index + 1) }
    }
  }

  /// The names of all tests for a rule.
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

  @Test("names only tests that exist, and every test for a rule")
  func tests() throws {
    let named = try Self.namedTests()
    #expect(told.count > 30)
    for (name, line) in told where !named.contains(name) {
      Issue.record("no test has the name '\(name)'", sourceLocation: page.place(line))
    }
    for name in named.subtracting(told.map(\.name)).sorted() {
      Issue.record("docs/bosh.md has no row for the test '\(name)'")
    }
  }
}
