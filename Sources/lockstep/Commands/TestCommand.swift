import Analysis
import Glibc
import PlanGraph
import PlanLanguage
import Reports
import Words

/// `lockstep test`: carries out the tests that plans have in them.
enum TestCommand {
  static let spec = CommandSpec(
    name: "test",
    summary: "carry out the tests that are written in plans",
    arguments: "PLAN...",
    argumentCount: 1...4096,
    about: [
      "Each 'test \"NAME\" { … }' of a plan is a run that is rehearsed on a virtual clock: 'when' makes "
        + "something up, 'expect' says what is to come of it. Starts nothing, and looks at no machine.",
      "The exit status is 0 if all tests pass, 1 if one does not, and 2 if a plan is wrong or there is "
        + "no test at all.",
    ],
    options: [
      OptionSpec(
        name: "--filter",
        value: "TEXT",
        help: "only tests with this text in their names"
      ),
      OptionSpec(name: "--format", value: "FORMAT", help: "text (default) or json"),
    ],
    examples: [
      (line: "lockstep test site.plan", does: "all tests of a plan"),
      (line: "lockstep test plans/*.plan --filter drain", does: "some tests of some plans"),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let isJSON = try arguments.word("--format", among: ["text", "json"]) == "json"
    var session = TestSession(
      filter: arguments["--filter"],
      isJSON: isJSON,
      errorColor: try Terminal.usesColor(STDERR_FILENO, arguments),
      style: Style(isColored: try Terminal.usesColor(STDOUT_FILENO, arguments))
    )
    for argument in arguments.positionals {
      do {
        session.run(try PlanCompilation.load(argument), named: argument)
      } catch {
        if arguments.positionals.count == 1 { throw error }
        // The others are looked at all the same.
        Terminal.complain(error.text(of: spec.name))
        session.isWrong = true
      }
    }
    return session.finish().rawValue
  }
}

/// The tests of a command line, one after another.
private struct TestSession {
  let filter: String?
  let isJSON: Bool
  let errorColor: Bool
  let style: Style
  /// Whether a plan could not be looked at.
  var isWrong = false
  private var results: [Result] = []

  private struct Result {
    var plan: String
    var name: String
    var status: Int32?
    var elapsed: Duration?
    var failures: [(diagnostic: Diagnostic, source: SourceFile?)]
  }

  init(filter: String?, isJSON: Bool, errorColor: Bool, style: Style) {
    self.filter = filter
    self.isJSON = isJSON
    self.errorColor = errorColor
    self.style = style
  }

  mutating func run(_ plan: LoadedPlan, named argument: String) {
    let errors = plan.parsed.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let declaration = plan.parsed.tree.plan else {
      var plan = plan
      let built = PlanCompilation.build(&plan, parameters: [:], site: .unknown)
      Terminal.complain(Findings(plan, built).text(color: errorColor))
      isWrong = true
      return
    }
    if declaration.tests.isEmpty {
      say("\(safeForTerminal(argument)): no tests")
      return
    }
    let input = PlanCompilation.input(plan, parameters: [:], site: .unknown)
    let chosen = declaration.tests.filter { test in
      filter.map { test.name.text.contains($0) } ?? true
    }
    if !chosen.isEmpty { say(safeForTerminal(argument)) }
    for test in chosen {
      run(PlanTestCompiler.compile(test, of: input), named: argument)
    }
  }

  private mutating func run(_ compiled: PlanTestResult, named argument: String) {
    var diagnostics = compiled.diagnostics
    var timeline: [String] = []
    var result = Result(plan: argument, name: compiled.name, failures: [])
    if let test = compiled.test {
      let tested = PlanTestRun(test)
      let report = PlanTestReport(tested)
      diagnostics = report.diagnostics()
      if !diagnostics.isEmpty { timeline = report.timeline() }
      result.status = tested.rehearsal.exitStatus
      result.elapsed = tested.rehearsal.elapsed
    }
    result.failures = diagnostics.map { diagnostic in
      (diagnostic, compiled.sources.first { $0.id == diagnostic.location.file })
    }
    results.append(result)
    let verdict =
      diagnostics.isEmpty ? style.paint("ok    ", .good) : style.paint("failed", .bad)
    let name = wrapped(safeForTerminal(compiled.name), width: 70)
    say("  \(verdict)  " + name.joined(separator: "\n          "))
    if diagnostics.isEmpty || isJSON { return }
    let renderer = DiagnosticRenderer(sources: compiled.sources, color: errorColor)
    for diagnostic in diagnostics {
      Terminal.complain("\n" + renderer.render(diagnostic))
    }
    if !timeline.isEmpty {
      Terminal.complain("\nwhat happened:\n" + timeline.map { $0 + "\n" }.joined())
    }
    Terminal.complain("\n")
  }

  private func say(_ line: String) {
    if !isJSON { Terminal.answer(line + "\n") }
  }

  /// Says how it went; gives the exit status.
  func finish() -> ExitStatus {
    let failed = results.count { !$0.failures.isEmpty }
    if isJSON {
      writeJSON(failed: failed)
    } else if results.isEmpty {
      if !isWrong {
        Terminal.complain(
          filled(
            filter.map { "lockstep test: no test has '\(safeForTerminal($0))' in its name" }
              ?? "lockstep test: there is no test; one is written in the plan: test \"NAME\" { … }",
            indent: 0
          )
        )
      }
    } else {
      say(
        "\(counted(results.count, "test")): \(results.count - failed) passed"
          + (failed > 0 ? ", \(failed) failed" : "")
      )
    }
    if isWrong || results.isEmpty { return .wrong }
    return failed == 0 ? .succeeded : .failed
  }

  private func writeJSON(failed: Int) {
    var json = JSONWriter { Terminal.write($0, to: STDOUT_FILENO) }
    json.object { json in
      json.field("version", 1)
      json.field("passed", results.count - failed)
      json.field("failed", failed)
      json.name("tests")
      json.array { json in
        for result in results {
          json.lineBreak()
          json.object { write(result, to: &$0) }
        }
      }
    }
    json.finish()
  }

  private func write(_ result: Result, to json: inout JSONWriter) {
    json.field("plan", result.plan)
    json.field("name", result.name)
    json.field("passed", result.failures.isEmpty)
    json.field("exit_status", result.status.map(Int.init))
    json.field("elapsed", result.elapsed)
    json.name("failures")
    json.array { json in
      for (diagnostic, source) in result.failures {
        json.object { json in
          json.field("code", diagnostic.code.rawValue)
          json.field("message", diagnostic.message)
          json.field("file", source?.name)
          let position = source.map {
            LineTable($0).position(of: diagnostic.location.span.start, in: $0)
          }
          json.field("line", position?.line)
          json.field("column", position?.column)
        }
      }
    }
  }
}
