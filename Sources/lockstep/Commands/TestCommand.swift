import Operations
import PlanLanguage
import Reports
import Words

/// `lockstep test`: runs the tests that are written in plans.
enum TestCommand {
  static let spec = CommandSpec(
    name: "test",
    summary: "run the tests that are written in plans",
    arguments: "PLAN...",
    argumentCount: 1...4096,
    about: [
      "Each 'test \"NAME\" { … }' in a plan is a run that is rehearsed on a virtual clock. 'when' "
        + "says what goes wrong, 'expect' says what should come of it. Starts nothing and looks "
        + "at no machine.",
      "The exit status is 0 if all tests pass, 1 if a test fails, and 2 if a plan is wrong or "
        + "there are no tests.",
    ],
    options: [
      OptionSpec(
        name: "--filter",
        value: "TEXT",
        help: "run only tests with this text in their names"
      ),
      .format,
    ],
    examples: [
      (line: "lockstep test site.plan", does: "run all tests of a plan"),
      (line: "lockstep test plans/*.plan --filter drain", does: "run some tests of some plans"),
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    var session = TestSession(
      filter: arguments["--filter"],
      isJSON: try arguments.isJSON(),
      console: console
    )
    for argument in arguments.positionals {
      do {
        session.run(try PlanTests(argument), named: argument)
      } catch {
        if error.isOfCommandLine, arguments.positionals.count == 1 { throw error }
        // The others are checked all the same.
        error.notices.forEach(console.tell)
        session.isWrong = true
      }
    }
    return session.finish()
  }
}

/// The tests of a command line, one after another.
private struct TestSession {
  let filter: String?
  let isJSON: Bool
  let console: Console
  /// Whether a plan could not be checked.
  var isWrong = false
  private var results: [(plan: String, result: PlanTests.Result)] = []

  init(filter: String?, isJSON: Bool, console: Console) {
    self.filter = filter
    self.isJSON = isJSON
    self.console = console
  }

  mutating func run(_ tests: PlanTests, named argument: String) {
    if tests.isEmpty {
      say("\(safeForTerminal(argument)): no tests")
      return
    }
    if tests.has(filter) { say(safeForTerminal(argument)) }
    tests.run(filter) { take($0, of: argument) }
  }

  private mutating func take(_ result: PlanTests.Result, of argument: String) {
    results.append((argument, result))
    let hasPassed = result.failures.isEmpty
    let verdict =
      hasPassed ? console.style.paint("ok    ", .good) : console.style.paint("failed", .bad)
    let name = wrapped(safeForTerminal(result.name), width: 70)
    say("  \(verdict)  " + name.joined(separator: "\n          "))
    if hasPassed || isJSON { return }
    let renderer = DiagnosticRenderer(sources: result.sources, color: console.colorsErrors)
    for failure in result.failures { Terminal.complain("\n" + renderer.render(failure)) }
    if !result.timeline.isEmpty {
      Terminal.complain("\nwhat happened:\n" + result.timeline.map { $0 + "\n" }.joined())
    }
    Terminal.complain("\n")
  }

  private func say(_ line: String) {
    if !isJSON { Terminal.answer(line + "\n") }
  }

  /// Prints the summary and returns the exit status.
  func finish() -> ExitStatus {
    let failed = results.count { !$0.result.failures.isEmpty }
    if isJSON {
      Terminal.answerJSON { writeJSON(failed: failed, to: &$0) }
    } else if results.isEmpty {
      if !isWrong {
        console.tell(
          .ofCommand(
            filter.map { "no test has '\($0)' in its name" }
              ?? "there is no test; one is written in the plan: test \"NAME\" { … }"
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

  private func writeJSON(failed: Int, to json: inout JSONWriter) {
    json.object { json in
      json.field("version", 1)
      json.field("passed", results.count - failed)
      json.field("failed", failed)
      json.name("tests")
      json.array { json in
        for (plan, result) in results {
          json.lineBreak()
          json.object { write(result, of: plan, to: &$0) }
        }
      }
    }
  }

  private func write(_ result: PlanTests.Result, of plan: String, to json: inout JSONWriter) {
    json.field("plan", plan)
    json.field("name", result.name)
    json.field("passed", result.failures.isEmpty)
    json.field("exit_status", result.status.map(Int.init))
    json.field("elapsed", result.elapsed)
    json.name("failures")
    json.array { json in
      for failure in result.failures {
        let source = result.source(of: failure)
        json.object { json in
          json.field("code", failure.code.rawValue)
          json.field("message", failure.message)
          json.field("file", source?.name)
          let position = source.map {
            LineTable($0).position(of: failure.location.span.start, in: $0)
          }
          json.field("line", position?.line)
          json.field("column", position?.column)
        }
      }
    }
  }
}
