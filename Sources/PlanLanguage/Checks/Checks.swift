/// What can be said of a syntax tree without knowing any name: clauses in places that do not take
/// them, twice, out of range; steps that cannot run where they stand.
package enum Checks {
  /// Looks over a whole tree once.
  ///
  /// - Parameters:
  ///   - tree: the tree of a file.
  ///   - syntax: what the parser found, in the order of places; nothing is concluded from what is
  ///     missing in a step that has such a mistake in it.
  /// - Returns: what was found, in no particular order, at most as many as are kept of a file.
  package static func run(_ tree: PlanFile, after syntax: [Diagnostic] = []) -> [Diagnostic] {
    guard let plan = tree.plan else { return [] }
    var checker = TreeChecker(tree.source, syntax)
    checker.check(plan)
    // Where the text is not yet what its writer means, nothing is said of what may come to nothing.
    let errors = checker.diagnostics.filter { $0.severity == .error }
    return syntax.isEmpty && errors.isEmpty ? checker.diagnostics : errors
  }
}

/// The state of a walk over a tree.
struct TreeChecker {
  let source: SourceFile
  /// Where the parser found mistakes, ascending.
  private let mistakes: [UInt32]
  private(set) var diagnostics: [Diagnostic] = []
  /// Labels of the current phase and where they stand first.
  var labels: [String: Span] = [:]
  /// How many `default { timeout … }` are around the current place.
  var defaultTimeouts = 0
  /// Where the current statements run.
  var subject: Subject = .deployment
  /// Whether they stand in a handler that a resume may do again.
  var isInHandler = false
  /// What the blocks around the current place say for steps, and which of it is taken.
  var taken = TakenClauses()
  /// Labels of the handlers of all rollouts.
  var rolloutLabels: [String: Span] = [:]

  /// What the statements of a place run for.
  enum Subject {
    case phase(name: Name, scope: Scope, scopeSpan: Span?)
    /// Handlers of a rollout, which are for one instance.
    case rollout
    /// The plan's own handlers.
    case deployment
  }

  init(_ source: SourceFile, _ syntax: [Diagnostic]) {
    self.source = source
    mistakes = syntax.map(\.location.span.start)
  }

  /// Whether as much was found as is kept; looking on would only cost time.
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

  /// Whether the parser found a mistake inside.
  func hasMistake(in span: Span) -> Bool {
    var low = 0
    var high = mistakes.count
    while low < high {
      let middle = (low + high) / 2
      if mistakes[middle] < span.start { low = middle + 1 } else { high = middle }
    }
    return low < mistakes.count && mistakes[low] <= span.end
  }

  /// The edit that takes a clause out.
  func leavingOut(_ span: Span) -> Diagnostic.FixIt {
    Diagnostic.FixIt("leave it out", replacing: span, with: "")
  }

  /// The edit that gives a step one more clause.
  func adding(_ clause: String, to step: Step) -> Diagnostic.FixIt {
    let end = step.span.end
    // Only the closing brace of its clauses ends a step with such a character.
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
      "write '{ \(clause) }' behind it",
      replacing: Span(end, end),
      with: " { \(clause) }"
    )
  }
}
