import Foundation
import PlanLanguage
import TestSupport
import Testing

@Suite("Plans kept with the tests")
struct FixtureTests {
  /// The codes that a file alone can show, without jobs, facts or other files.
  static let languageCodes: Set<DiagnosticCode> = Set(
    DiagnosticCode.allCases.filter { code in
      code.rawValue.hasPrefix("PLAN01") || code.rawValue.hasPrefix("PLAN03")
        || [.duplicateLabel, .unusableName, .wrongSubject, .narrowedStep, .handlerBlocksResume]
          .contains(code)
    }
  ).subtracting([.timeoutTooShort])

  /// The fixtures whose mistakes the language finds; the compiler finds the others.
  static let bad = Fixture.bad.filter { fixture in
    guard let source = try? fixture.source() else { return false }
    return !Parser.parse(source).diagnostics.isEmpty
  }

  @Test("a good plan has no diagnostic", arguments: Fixture.good)
  func aGoodPlanHasNoDiagnostic(fixture: Fixture) throws {
    let source = try fixture.source()
    let result = Parser.parse(source)
    #expect(result.diagnostics == [])
    #expect(result.tree.plan != nil)
  }

  @Test("a bad plan has exactly the diagnostics that are marked in it", arguments: bad)
  func aBadPlanHasTheMarkedDiagnostics(fixture: Fixture) throws {
    let source = try fixture.source()
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      let recorded = Markers.record({ Parser.parse($0).diagnostics }, in: source)
      if recorded != source.bytes {
        try Data(recorded).write(to: URL(filePath: fixture.path))
        Issue.record("recorded anew: \(fixture.name)")
      }
      return
    }
    let expected = Markers.expected(in: source.bytes)
    let found = Markers.found(Parser.parse(source).diagnostics, in: source)
    for marker in expected where !found.contains(marker) {
      Issue.record("\(fixture.name): expected, and not found: \(marker)")
    }
    for marker in found where !expected.contains(marker) {
      Issue.record("\(fixture.name): found, and not expected: \(marker)")
    }
    #expect(!expected.isEmpty)
  }

  @Test("a fix-it removes its mistake and makes no new one", arguments: bad)
  func aFixItRemovesItsMistake(fixture: Fixture) throws {
    let source = try fixture.source()
    let before = Parser.parse(source).diagnostics
    for diagnostic in before {
      guard let fix = diagnostic.fixIt else { continue }
      var bytes = source.bytes
      bytes.replaceSubrange(Int(fix.span.start)..<Int(fix.span.end), with: fix.replacement.utf8)
      let after = Parser.parse(SourceFile(id: source.id, name: source.name, bytes: bytes))
        .diagnostics
      #expect(after.count < before.count, "\(fixture.name): \(diagnostic.message)")
      var left = before.map(\.message)
      for message in after.map(\.message) {
        if let index = left.firstIndex(of: message) {
          left.remove(at: index)
        } else {
          Issue.record("\(fixture.name): fixing '\(diagnostic.message)' makes '\(message)'")
        }
      }
    }
  }

  @Test("a bad plan shows the code in its name", arguments: bad)
  func aBadPlanShowsTheCodeInItsName(fixture: Fixture) throws {
    guard let code = DiagnosticCode(rawValue: String(fixture.name.prefix(8))) else { return }
    let codes = Parser.parse(try fixture.source()).diagnostics.map(\.code)
    #expect(codes.contains(code))
  }

  @Test("every code that a file alone can show has a bad plan")
  func everyCodeHasABadPlan() {
    let named = Set(Self.bad.compactMap { DiagnosticCode(rawValue: String($0.name.prefix(8))) })
    // There is no fixture of four gigabytes.
    let missing = Self.languageCodes.subtracting(named).subtracting([.fileTooLarge])
    #expect(missing == [])
  }
}
