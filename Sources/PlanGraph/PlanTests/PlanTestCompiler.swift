package import PlanLanguage

/// Compiles the tests of a plan.
///
/// For each test it compiles the plan with the test's params, facts and release jobs.
package enum PlanTestCompiler {
  /// Compiles one test of a plan.
  ///
  /// All scripts and processes count as present.
  ///
  /// - Parameters:
  ///   - declaration: the test.
  ///   - input: the plan; its parameters and site are ignored.
  /// - Returns: the test, or why it cannot be carried out.
  package static func compile(_ declaration: TestDecl, of input: BuildInput) -> PlanTestResult {
    var input = input
    let source = input.plan.source
    input.parameters = [:]
    input.site = Site.unknown
    var releaseJobs: [String] = []
    var unknown: [Diagnostic] = []
    for statement in declaration.statements {
      switch statement.kind {
      case .releaseJobs(let names): releaseJobs = names.map(\.text)
      case .setting(let name, let value):
        let text = text(of: value, in: source)
        if name.text.contains(".") {
          input.site.facts[name.text] = text
          input.site.givenFacts.insert(name.text)
        } else {
          input.parameters[name.text] = text
          unknown += unknownParam(name, input.plan)
        }
      default: break
      }
    }
    if !declaresJobs(input.plan) {
      input.site.discovered = Site.Discovered(
        deploymentJob: "vm",
        instance: "0",
        releaseJobs: releaseJobs
      )
    }
    // Deployment jobs that declare no release jobs hold those that the test names.
    if !releaseJobs.isEmpty { input.site.releaseJobs = { [releaseJobs] _ in releaseJobs } }
    var result = PlanTestResult(
      name: declaration.name.text,
      test: nil,
      diagnostics: unknown,
      sources: [source]
    )
    if !unknown.isEmpty { return result }
    let built = GraphBuilder.build(input)
    result.diagnostics = built.diagnostics.filter { $0.severity == .error }
    if !built.sources.isEmpty { result.sources = built.sources }
    guard let graph = built.graph else { return result }
    var resolver = StepResolver(graph: graph, file: source.id, isBare: releaseJobs.isEmpty)
    resolver.declaresJobs = declaresJobs(input.plan)
    let test = resolver.resolve(declaration)
    result.diagnostics += resolver.diagnostics
    if resolver.diagnostics.isEmpty { result.test = test }
    return result
  }

  private static func declaresJobs(_ plan: PlanFile) -> Bool {
    (plan.plan?.items ?? []).contains {
      if case .deploymentJob = $0 { true } else { false }
    }
  }

  private static func unknownParam(_ name: Name, _ plan: PlanFile) -> [Diagnostic] {
    let known = (plan.plan?.items ?? []).compactMap { item -> String? in
      if case .param(let param) = item { param.name.text } else { nil }
    }
    if known.contains(name.text) { return [] }
    let near = nearMiss(name.text, among: known)
    return [
      Diagnostic(
        .unknownParam,
        at: Location(plan.source.id, name.span),
        "the plan has no param '\(name.text)' to set; a fact has a dot in its name",
        notes: near == nil && !known.isEmpty
          ? [Diagnostic.Note("there is \(listed(known.sorted()))")] : [],
        fixIt: near.map {
          Diagnostic.FixIt.write($0, at: name.span)
        }
      )
    ]
  }

  private static func text(of value: LiteralValue, in source: SourceFile) -> String {
    guard case .string(let literal) = value.kind else { return source.text(value.span) }
    return literal.segments.map {
      switch $0 {
      case .text(let text): text
      case .param(let name): "\\(\(name.text))"
      }
    }.joined()
  }
}

/// Finds the steps that a test names.
private struct StepResolver {
  let graph: Graph
  let file: FileID
  /// Whether the test names no release jobs.
  let isBare: Bool
  var declaresJobs = false
  private(set) var diagnostics: [Diagnostic] = []
  private var found: [String: [NodeID]] = [:]

  init(graph: Graph, file: FileID, isBare: Bool) {
    self.graph = graph
    self.file = file
    self.isBare = isBare
  }

  mutating func resolve(_ declaration: TestDecl) -> PlanTest {
    var test = PlanTest(
      name: declaration.name.text,
      location: Location(file, declaration.name.span),
      graph: graph
    )
    for statement in declaration.statements {
      var expectation: PlanTest.Expectation.Kind?
      switch statement.kind {
      case .releaseJobs, .setting: break
      case .step(let name, let fate, let attempts):
        test.madeUp.append(
          PlanTest.MadeUp(
            nodes: steps(name),
            fate: PlanTest.Fate(fate),
            attempts: Set(attempts.map(\.number))
          )
        )
      case .skipped(let name):
        let steps = steps(name)
        let asked = graph.asked(for: steps)
        if asked.isEmpty, !steps.isEmpty { reportNothingAsked(name) }
        test.refused.formUnion(asked)
      case .cancelled(let moment): test.cancellations.append(moment)
      case .result(let result, let names):
        guard let result = PlanTest.Result(rawValue: result.rawValue) else { continue }
        expectation = .result(result, names.flatMap { steps($0) })
      case .before(let first, let second): expectation = .before(steps(first), steps(second))
      case .attempts(let count, let name): expectation = .attempts(count.number, steps(name))
      case .exit(let status): expectation = .exit(status.number)
      case .within(let duration): expectation = .within(duration)
      }
      if let expectation {
        test.expectations.append(
          PlanTest.Expectation(kind: expectation, location: Location(file, statement.span))
        )
      }
    }
    return test
  }

  private mutating func steps(_ name: Name) -> [NodeID] {
    if let known = found[name.text] { return known }
    let nodes = graph.steps(named: StepPattern(name.text))
    found[name.text] = nodes
    if nodes.isEmpty { report(name) }
    return nodes
  }

  private mutating func reportNothingAsked(_ name: Name) {
    diagnostics.append(
      Diagnostic(
        .nothingAskedInTest,
        at: Location(file, name.span),
        "no condition of '\(name.text)' is checked during the run",
        notes: [
          Diagnostic.Note(
            "only 'exists' is checked; set params and facts with 'with NAME = value'"
          )
        ]
      )
    )
  }

  private mutating func report(_ name: Name) {
    let near = graph.nearestStepName(to: name.text)
    var notes: [Diagnostic.Note] = []
    if isBare, !declaresJobs {
      notes.append(
        Diagnostic.Note(
          "the plan declares no deployment job; name the release jobs in the test with "
            + "'release-jobs NAME, …'"
        )
      )
    } else if near == nil, let first = graph.nodes.firstIndex(where: { $0.kind == .step }) {
      let whole = graph.name(first)
      notes.append(Diagnostic.Note("a full name looks like '\(whole)'"))
    }
    diagnostics.append(
      Diagnostic(
        .unknownStepInTest,
        at: Location(file, name.span),
        "the plan has no step '\(name.text)' in this test",
        notes: notes,
        fixIt: near.map {
          Diagnostic.FixIt("write \"\($0)\"", replacing: name.span, with: "\"\($0)\"")
        }
      )
    )
  }
}

extension PlanTest.Fate {
  fileprivate init(_ fate: TestFate) {
    switch fate {
    case .fails: self = .fails
    case .exits(let status): self = .exits(status.number)
    case .dies: self = .dies
    case .hangs: self = .hangs
    case .takes(let duration): self = .takes(duration)
    }
  }
}
