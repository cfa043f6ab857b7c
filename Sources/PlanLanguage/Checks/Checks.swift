/// The checks of a syntax tree that need no names: clauses that are misplaced, duplicate or out of
/// range, and steps that cannot run where they are.
package enum Checks {
  /// Checks a whole tree once.
  ///
  /// - Parameters:
  ///   - tree: the tree of a file.
  ///   - syntax: the parser's findings, in the order of their places. If a step has such a mistake,
  ///     nothing is concluded from what the step lacks.
  /// - Returns: the findings in no particular order, at most ``Diagnostic/limit`` of them.
  package static func run(_ tree: PlanFile, after syntax: [Diagnostic] = []) -> [Diagnostic] {
    guard let plan = tree.plan else { return [] }
    var checker = TreeChecker(tree.source, syntax)
    checker.check(plan)
    // Warnings about text without effect wait until the text has no errors.
    let errors = checker.diagnostics.filter { $0.severity == .error }
    return syntax.isEmpty && errors.isEmpty ? checker.diagnostics : errors
  }
}

/// The state of a walk over a tree.
struct TreeChecker {
  let source: SourceFile
  /// The places where the parser found mistakes, ascending.
  private let mistakes: [UInt32]
  private(set) var diagnostics: [Diagnostic] = []
  /// The labels of the current phase, and where each appears first.
  var labels: [String: Span] = [:]
  /// How many `default { timeout … }` apply to the current place.
  var defaultTimeouts = 0
  /// What the current statements run for.
  var subject: Subject = .deployment
  /// Whether they are in a handler that a resume may repeat.
  var isInHandler = false
  /// The settings of the blocks around the current place, and which of them a step uses.
  var taken = TakenClauses()
  /// The labels in the handlers of all rollouts.
  var rolloutLabels: [String: Span] = [:]

  /// What statements run for.
  enum Subject {
    case phase(name: Name, scope: Scope, scopeSpan: Span?)
    /// In the handlers of a rollout: one instance.
    case rollout
    /// In the plan's own handlers: the deployment.
    case deployment
  }

  init(_ source: SourceFile, _ syntax: [Diagnostic]) {
    self.source = source
    mistakes = syntax.map(\.location.span.start)
  }

  /// Whether the limit of findings is reached, so that further checks would only cost time.
  var isFull: Bool { diagnostics.count >= Diagnostic.limit }

  mutating func report(
    _ code: DiagnosticCode,
    at span: Span,
    _ message: String,
    notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    if isFull { return }
    diagnostics.append(
      Diagnostic(code, at: Location(source.id, span), message, notes: notes, fixIt: fixIt)
    )
  }

  func note(_ message: String, at span: Span) -> Diagnostic.Note {
    Diagnostic.Note(message, at: Location(source.id, span))
  }

  /// Whether the parser found a mistake inside a span.
  func hasMistake(in span: Span) -> Bool {
    var low = 0
    var high = mistakes.count
    while low < high {
      let middle = (low + high) / 2
      if mistakes[middle] < span.start { low = middle + 1 } else { high = middle }
    }
    return low < mistakes.count && mistakes[low] <= span.end
  }

  /// The edit that gives a step one more clause.
  func adding(_ clause: String, to step: Step) -> Diagnostic.FixIt {
    let end = step.span.end
    // If a step ends with a brace, it is the closing brace of its clauses.
    if end > 0 && source.bytes[Int(end) - 1] == 0x7D {
      var place = end - 1
      while place > 0 && (source.bytes[Int(place) - 1] == 0x20) { place -= 1 }
      return Diagnostic.FixIt(
        "write '\(clause)' in its braces",
        replacing: Span(place, end - 1),
        with: source.bytes[Int(place) - 1] == 0x0A ? "\(clause)\n" : " \(clause) "
      )
    }
    return Diagnostic.FixIt(
      "write '{ \(clause) }' after it",
      replacing: Span(end, end),
      with: " { \(clause) }"
    )
  }
}
