import PlanGraph
import PlanLanguage
import Reports

/// All that was found in a plan, in the order of the text, file by file.
struct Findings {
  let diagnostics: [Diagnostic]
  private let sources: [SourceFile]

  private init(diagnostics: [Diagnostic], sources: [SourceFile]) {
    self.diagnostics = diagnostics
    self.sources = sources
  }

  init(_ plan: LoadedPlan, _ built: BuildResult) {
    sources = built.sources.isEmpty ? [plan.parsed.tree.source] : built.sources
    diagnostics = (plan.parsed.diagnostics + built.diagnostics).enumerated().sorted {
      let (a, b) = ($0.element.location, $1.element.location)
      if a.file != b.file { return a.file.index < b.file.index }
      return (a.span.start, $0.offset) < (b.span.start, $1.offset)
    }.map(\.element)
  }

  /// Whether the plan cannot be run.
  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// All of it in a few words.
  var verdict: String {
    if diagnostics.isEmpty { return "no mistakes" }
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = counted(diagnostics.count - errors, "warning")
    if errors == 0 { return "can be run; \(warnings)" }
    return "cannot be run; \(counted(errors, "error"))"
      + (errors == diagnostics.count ? "" : ", \(warnings)")
  }

  /// For people.
  func text(color: Bool) -> String {
    let renderer = DiagnosticRenderer(sources: sources, color: color)
    return diagnostics.map { renderer.render($0) }.joined(separator: "\n")
  }

  /// For machines: a JSON object each.
  var json: [String] {
    let renderer = DiagnosticJSON(sources: sources)
    return diagnostics.map { renderer.object($0) }
  }

  /// Those that satisfy a condition.
  func filtered(_ isIncluded: (Diagnostic) -> Bool) -> Findings {
    Findings(diagnostics: diagnostics.filter(isIncluded), sources: sources)
  }
}
