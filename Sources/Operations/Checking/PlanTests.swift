import Analysis
import PlanGraph
package import PlanLanguage
import Reports

/// The tests that are written in a plan.
package struct PlanTests {
  /// The result of a test.
  package struct Result: Sendable {
    package var name: String
    /// The failed expectations; empty if the test passed.
    package var failures: [Diagnostic]
    /// The files that contain the failed expectations.
    package var sources: [SourceFile]
    /// What happened, as lines, if the test failed.
    package var timeline: [String]
    /// The end of the rehearsed run; nil if there was none.
    package var status: Int32?
    /// How long the rehearsed run took by its own clock.
    package var elapsed: Duration?

    /// The position of a failure; nil if it is in none of the files.
    package func source(of failure: Diagnostic) -> SourceFile? {
      sources.first { $0.id == failure.location.file }
    }
  }

  private let plan: LoadedPlan
  private let tests: [TestDecl]

  /// Reads a plan.
  ///
  /// - Parameter argument: a path, the name of a bundled plan, or `-`.
  /// - Throws: an error if it cannot be read or has mistakes.
  package init(_ argument: String) throws(CommandFailure) {
    var plan = try PlanCompilation.load(argument)
    let errors = plan.parsed.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let declaration = plan.parsed.tree.plan else {
      let built = PlanCompilation.build(&plan, parameters: [:], site: .unknown)
      throw CommandFailure(.wrong, [.findings(Findings(plan.parsed, built))])
    }
    self.plan = plan
    tests = declaration.tests
  }

  /// Whether it has no tests.
  package var isEmpty: Bool { tests.isEmpty }

  /// Whether it has a test with that name.
  ///
  /// - Parameter filter: a part of the name; nil for any.
  /// - Returns: whether it has one.
  package func has(_ filter: String?) -> Bool { tests.contains { Self.isChosen($0, filter) } }

  private static func isChosen(_ test: TestDecl, _ filter: String?) -> Bool {
    filter.map { test.name.text.contains($0) } ?? true
  }

  /// Runs tests on a virtual clock, one after another.
  ///
  /// - Parameters:
  ///   - filter: a part of their names; nil for all.
  ///   - take: gets each result as soon as it is known.
  package func run(_ filter: String? = nil, take: (Result) -> Void) {
    let input = PlanCompilation.input(plan, parameters: [:], site: .unknown)
    for test in tests where Self.isChosen(test, filter) {
      take(Self.result(of: PlanTestCompiler.compile(test, of: input)))
    }
  }

  private static func result(of compiled: PlanTestResult) -> Result {
    var result = Result(
      name: compiled.name,
      failures: compiled.diagnostics,
      sources: compiled.sources,
      timeline: []
    )
    guard let test = compiled.test else { return result }
    let tested = PlanTestRun(test)
    let report = PlanTestReport(tested)
    result.failures = report.diagnostics()
    if !result.failures.isEmpty { result.timeline = report.timeline() }
    result.status = tested.rehearsal.exitStatus
    result.elapsed = tested.rehearsal.elapsed
    return result
  }
}
