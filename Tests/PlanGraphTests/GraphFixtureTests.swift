import Foundation
import PlanGraph
import PlanLanguage
import TestSupport
import Testing

/// Mistakes that only the compiler can find, because it knows names, machines, parameters and other
/// files.
///
/// Comment lines at the top of a fixture set what it is compiled with: `# set NAME=VALUE`, `# fact
/// NAME=VALUE`, `# on a machine with RELEASE-JOB, …`, `# on a machine without release jobs`. No
/// release job has the script `absent`, and the release job `errand` has no process.
@Suite("Plans that do not compile")
struct GraphFixtureTests {
  static let codes: Set<DiagnosticCode> = Set(
    DiagnosticCode.allCases.filter { code in
      ["PLAN02", "PLAN04", "PLAN05", "PLAN06"].contains { code.rawValue.hasPrefix($0) }
        && !code.isAboutHosts
    }
  ).subtracting([.duplicateLabel, .wrongSubject, .narrowedStep, .handlerBlocksResume])
    .union([.timeoutTooShort])

  /// The fixtures without syntax errors.
  static let bad = Fixture.bad.filter { fixture in
    guard let source = try? fixture.source() else { return false }
    return Parser.parse(source).diagnostics.isEmpty
  }

  @Test("a bad plan has exactly the diagnostics marked in it", arguments: bad)
  func marked(fixture: Fixture) throws {
    let source = try fixture.source()
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      let recorded = Markers.record({ Self.found($0) }, in: source)
      if recorded != source.bytes {
        try Data(recorded).write(to: URL(filePath: fixture.path))
        Issue.record("recorded anew: \(fixture.name)")
      }
      return
    }
    let expected = Markers.expected(in: source.bytes)
    let result = Self.build(source)
    let found = Markers.found(Self.found(source), in: source)
    for marker in expected where !found.contains(marker) {
      Issue.record("\(fixture.name): expected, and not found: \(marker)")
    }
    for marker in found where !expected.contains(marker) {
      Issue.record("\(fixture.name): found, and not expected: \(marker)")
    }
    let code = DiagnosticCode(rawValue: String(fixture.name.prefix(8)))
    #expect(result.diagnostics.contains { $0.code == code })
    let hasErrors = result.diagnostics.contains { $0.severity == .error }
    #expect((result.graph == nil) == hasErrors)
  }

  @Test("a fix-it fixes its mistake", arguments: bad)
  func fixIts(fixture: Fixture) throws {
    let source = try fixture.source()
    let before = Self.build(source).diagnostics
    for diagnostic in before where diagnostic.location.file == FileID(0) {
      guard let fix = diagnostic.fixIt else { continue }
      var bytes = source.bytes
      bytes.replaceSubrange(Int(fix.span.start)..<Int(fix.span.end), with: fix.replacement.utf8)
      let mended = SourceFile(id: source.id, name: source.name, bytes: bytes)
      #expect(Parser.parse(mended).diagnostics.isEmpty)
      #expect(!Self.build(mended).diagnostics.contains { $0.message == diagnostic.message })
    }
  }

  @Test("every diagnostic code of the compiler has a bad plan")
  func complete() {
    let named = Set(Self.bad.compactMap { DiagnosticCode(rawValue: String($0.name.prefix(8))) })
    #expect(Self.codes.subtracting(named) == [])
  }

  /// The examples of the language, which need only the bundled plans.
  static let examples = Fixture.good.filter {
    ["backup-and-stop", "bosh-deploy", "bosh-start", "release-shop"].contains($0.name.dropLast(5))
  }

  @Test("the language's examples compile", arguments: examples)
  func good(fixture: Fixture) throws {
    let result = Self.build(try fixture.source())
    #expect(result.diagnostics.filter { $0.severity == .error } == [])
    #expect(result.graph != nil)
  }

  /// The findings about the plan itself.
  ///
  /// Findings and notes in included files have no line here that could be marked.
  private static func found(_ source: SourceFile) -> [Diagnostic] {
    build(source).diagnostics.filter { $0.location.file == source.id }.map { diagnostic in
      var diagnostic = diagnostic
      diagnostic.notes.removeAll { $0.location.map { $0.file != source.id } ?? false }
      return diagnostic
    }
  }

  private static func build(_ source: SourceFile) -> BuildResult {
    var parameters: [String: String] = [:]
    var facts: [String: String] = [:]
    var discovered: Site.Discovered?
    for line in String(decoding: source.bytes, as: UTF8.self).split(separator: "\n") {
      if let pair = pair(line, after: "# set ") { parameters[pair.0] = pair.1 }
      if let pair = pair(line, after: "# fact ") { facts[pair.0] = pair.1 }
      let machine = "# on a machine with "
      if line.hasPrefix(machine) {
        discovered = Site.Discovered(
          deploymentJob: "vm",
          instance: "0",
          releaseJobs: line.dropFirst(machine.count).split(separator: ", ").map(String.init)
        )
      }
    }
    let isPlain = String(decoding: source.bytes, as: UTF8.self)
      .hasPrefix("# on a machine without release jobs\n")
    if isPlain {
      discovered = Site.Discovered(deploymentJob: "vm", instance: "0", releaseJobs: [])
    }
    var site = Site(
      discovered: discovered,
      facts: facts,
      hasScript: { _, _, script in !script.hasPrefix("absent") },
      hasProcesses: { _, job in job != "errand" }
    )
    site.isPlain = isPlain
    site.givenFacts = Set(facts.keys)
    let parsed = Parser.parse(source)
    if let plan = parsed.tree.plan, source.name == "backup-and-stop.plan" {
      for case .param(let param) in plan.items where param.value == nil {
        parameters[param.name.text] = "given"
      }
    }
    return GraphBuilder.build(
      BuildInput(
        plan: parsed.tree,
        key: source.name,
        parameters: parameters,
        site: site,
        loadInclude: find
      )
    )
  }

  private static func pair(_ line: Substring, after prefix: String) -> (String, String)? {
    guard line.hasPrefix(prefix), let equals = line.firstIndex(of: "=") else { return nil }
    let name = line[..<equals].dropFirst(prefix.count)
    return (String(name), String(line[line.index(after: equals)...]))
  }

  private static func find(_ target: IncludeDecl.Target, _ from: String) -> IncludeAnswer {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let bundled = ["bosh-deploy", "bosh-start", "bosh-stop"]
    let url: URL
    switch target {
    case .bundled(let name):
      guard bundled.contains(name.text) else {
        return .missing(reason: "no such bundled plan", known: bundled)
      }
      url = tests.deletingLastPathComponent().appending(path: "Plans/\(name.text).plan")
    case .path(let name): url = tests.appending(path: "Fixtures/included/\(name.text)")
    }
    guard let data = try? Data(contentsOf: url) else {
      return .missing(reason: "no such file", known: [])
    }
    return .found(key: url.path, name: url.lastPathComponent, bytes: Array(data))
  }
}
