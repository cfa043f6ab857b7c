import Foundation
import PlanLanguage
import TestSupport
import Testing

@Suite("Grammars for editors")
struct EditorGrammarTests {
  @Test("the patterns of the TextMate grammar compile, and its references exist")
  func theTextMateGrammarCompiles() throws {
    let data = Data(try GrammarTests.file("lockstep.tmLanguage.json").utf8)
    let root = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let repository = try #require(root["repository"] as? [String: Any])
    var patterns: [String] = []
    var references: Set<String> = []
    func visit(_ value: Any) {
      if let list = value as? [Any] { list.forEach(visit) }
      guard let object = value as? [String: Any] else { return }
      for (key, value) in object {
        if let text = value as? String {
          if ["match", "begin", "end"].contains(key) { patterns.append(text) }
          if key == "include" { references.insert(String(text.dropFirst())) }
        }
        visit(value)
      }
    }
    visit(root)
    #expect(patterns.count > 15)
    for pattern in patterns {
      #expect(throws: Never.self, "\(pattern)") { try NSRegularExpression(pattern: pattern) }
    }
    #expect(references == Set(repository.keys))
  }

  @Test(
    "both grammars know every word of the language",
    arguments: ["lockstep.tmLanguage.json", "vim/syntax/lockstep.vim"]
  )
  func everyWordIsKnown(path: String) throws {
    let words = Set(
      try GrammarTests.file(path).matches(of: #/[A-Za-z][A-Za-z-]*/#).map { String($0.output) }
    )
    #expect(Set(Word.allCases.map(\.rawValue)).subtracting(words) == [])
  }
}

/// The path of a vim with support for syntax files; nil if none is installed.
private let vim = ["/usr/bin/vim", "/usr/local/bin/vim", "/opt/homebrew/bin/vim"].first { path in
  guard FileManager.default.isExecutableFile(atPath: path) else { return false }
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: path)
  process.arguments = ["--version"]
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self).contains("+syntax")
}

/// Whether the tests with vim run: if vim is there, or if no test may be skipped.
private let wantsVim =
  vim != nil || ProcessInfo.processInfo.environment["LOCKSTEP_REQUIRE_ALL"] == "1"

/// Vim colours the plans that are kept with the tests.
@Suite(
  "Vim syntax",
  .enabled(
    if: wantsVim,
    "needs vim with syntax (vim-nox): install it, or set LOCKSTEP_REQUIRE_ALL=1 to fail"
  )
)
struct VimSyntaxTests {
  /// For every byte of every line, the syntax group that vim finds there.
  private func groups(_ fixture: Fixture) throws -> [[String]] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vim-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let syntax = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Grammar/vim")
    let output = folder.appending(path: "groups")
    let script = """
      set encoding=utf-8 fileencodings=utf-8 fileformats=unix maxmempattern=20000 nobomb
      execute 'set runtimepath^=' . fnameescape('\(syntax.path)')
      filetype plugin on
      syntax on
      edit \(fixture.path)
      setfiletype lockstep
      set redrawtime=20000
      let all = []
      for l in range(1, line('$'))
        let row = []
        for c in range(1, len(getline(l)))
          call add(row, synIDattr(synID(l, c, 1), 'name'))
        endfor
        call add(all, join(row, ' ,'))
      endfor
      call writefile(all, '\(output.path)')
      qall!
      """
    let file = folder.appending(path: "script.vim")
    try Data(script.utf8).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: try #require(vim))
    process.arguments = ["-u", "NONE", "-N", "-i", "NONE", "-n", "-es", "-S", file.path]
    process.environment = ["TERM": "dumb", "HOME": folder.path, "PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
      }
  }

  /// The plans that vim reads without changing a byte.
  static let fixtures = Fixture.good.filter { $0.name != "byte-order-mark.plan" }

  @Test(
    "comments, strings, numbers, params, keywords and names have their colours",
    arguments: fixtures
  )
  func vimColoursEveryToken(fixture: Fixture) throws {
    let source = try fixture.source()
    let groups = try groups(fixture)
    #expect(groups.count > source.bytes.count(where: { $0 == 0x0A }))
    let table = LineTable(source)
    var names = NameOffsets()
    if let plan = Parser.parse(source).tree.plan { names.add(plan) }
    for token in tokens(of: source) {
      let place = table.position(of: token.span.start, in: source)
      let row = place.line - 1
      let column = Int(token.span.start) - place.lineStart
      guard row < groups.count, column < groups[row].count else { continue }
      let group = groups[row][column]
      let allowed: [String]
      switch token.kind {
      case .comment: allowed = ["lockstepComment", "lockstepTodo"]
      case .string, .blockString:
        allowed = ["lockstepString", "lockstepBlockString", "lockstepListedString"]
      case .int, .version, .percent: allowed = ["lockstepNumber"]
      case .duration: allowed = ["lockstepDuration"]
      case .param: allowed = ["lockstepParam"]
      case .name where names.operands.contains(token.span.start):
        // A param in a condition cannot be told from a keyword without parsing.
        continue
      case .name where token.word != nil && !names.offsets.contains(token.span.start):
        allowed = [
          "lockstepItem", "lockstepSelect", "lockstepStatement", "lockstepHandler",
          "lockstepClause", "lockstepOperator", "lockstepScope", "lockstepProbe", "lockstepFailure",
          "lockstepUnit",
        ]
      case .name:
        allowed = [
          "lockstepName", "lockstepListed", "lockstepLabel", "lockstepScript", "lockstepVariable",
          "lockstepFact", "",
        ]
      default: continue
      }
      #expect(
        allowed.contains(group),
        "\(fixture.name):\(place.line):\(place.column) '\(source.text(token.span))' is '\(group)'"
      )
    }
  }
}

/// The places of names in a tree.
private struct NameOffsets {
  private(set) var offsets: Set<UInt32> = []
  /// The places of params in conditions.
  private(set) var operands: Set<UInt32> = []

  private mutating func add(_ name: Name?) {
    if let name { offsets.insert(name.span.start) }
  }

  mutating func add(_ plan: PlanDecl) {
    add(plan.name)
    plan.clauses.forEach { add($0) }
    for item in plan.items {
      switch item {
      case .param(let param): add(param.name)
      case .deploymentJob(let job):
        add(job.name)
        for clause in job.clauses {
          switch clause {
          case .releaseJobs(let names, _), .after(let names, _): names.forEach { add($0) }
          case .instances, .pace: break
          }
        }
      case .include(let include): add(include.target.name)
      case .phase(let phase): add(phase)
      case .barrier: break
      case .rollout(let rollout):
        for item in rollout.items {
          switch item {
          case .phase(let phase): add(phase)
          case .include(let include): add(include.target.name)
          case .barrier: break
          }
        }
      }
    }
    plan.handlers.forEach { add($0.block) }
    for statement in plan.tests.flatMap(\.statements) {
      switch statement.kind {
      case .releaseJobs(let names): names.forEach { add($0) }
      case .setting(let name, _): add(name)
      default: break
      }
    }
  }

  private mutating func add(_ phase: PhaseDecl) {
    add(phase.name)
    (phase.deploymentJobs + phase.releaseJobs).forEach { add($0) }
    add(phase.block)
  }

  private mutating func add(_ block: Block) {
    block.clauses.forEach { add($0) }
    for statement in block.statements {
      switch statement {
      case .step(let step):
        add(step.label)
        switch step.action {
        case .script(let name): add(name)
        case .startUnits(let units), .stopUnits(let units):
          for unit in units { offsets.insert(unit.span.start) }
        default: break
        }
        step.clauses.forEach { add($0) }
      case .group(let group):
        add(group.label)
        add(group.block)
      }
    }
    block.handlers.forEach { add($0.block) }
  }

  private mutating func add(_ clause: Clause) {
    switch clause.kind {
    case .env(let name, _): add(name)
    case .when(let condition): add(condition)
    case .defaults(let inner): inner.forEach { add($0) }
    default: break
    }
  }

  private mutating func add(_ condition: Condition) {
    switch condition {
    case .or(let parts, _), .and(let parts, _): parts.forEach { add($0) }
    case .not(let inner, _): add(inner)
    case .exists, .known: break
    case .compare(let left, _, let right, _):
      for operand in [left, right] {
        if case .param(let name) = operand { operands.insert(name.span.start) }
      }
    }
  }
}
