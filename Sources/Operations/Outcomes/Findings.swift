package import PlanGraph
package import PlanLanguage
import Words

/// All findings in a plan, in the order of the text, file by file.
package struct Findings: Sendable {
  package let diagnostics: [Diagnostic]
  /// How many findings were dropped.
  private let omitted: Int
  private let sources: [SourceFile]

  private init(diagnostics: [Diagnostic], omitted: Int, sources: [SourceFile]) {
    self.diagnostics = diagnostics
    self.omitted = omitted
    self.sources = sources
  }

  /// Findings in other files, such as a hosts file.
  init(_ diagnostics: [Diagnostic], of sources: [SourceFile]) {
    self.init(diagnostics: diagnostics, omitted: 0, sources: sources)
  }

  package init(_ parsed: ParseResult, _ built: BuildResult) {
    omitted = built.omitted
    sources = built.sources.isEmpty ? [parsed.tree.source] : built.sources
    diagnostics = (parsed.diagnostics + built.diagnostics).enumerated().sorted {
      let (a, b) = ($0.element.location, $1.element.location)
      if a.file != b.file { return a.file.index < b.file.index }
      return (a.span.start, $0.offset) < (b.span.start, $1.offset)
    }.map(\.element)
  }

  /// Whether the plan cannot run.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// A short summary.
  package var verdict: String {
    if diagnostics.isEmpty { return "no mistakes" }
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = counted(diagnostics.count + omitted - errors, "warning")
    if errors == 0 { return "can be run; \(warnings)" }
    return "cannot be run; \(counted(errors, "error"))"
      + (errors == diagnostics.count + omitted ? "" : ", \(warnings)")
  }

  /// How many are shown to people, who fix a few at a time.
  private static let mostShown = 100

  /// For people.
  package func text(color: Bool) -> String {
    let renderer = DiagnosticRenderer(sources: sources, color: color)
    let text = diagnostics.prefix(Self.mostShown).map { renderer.render($0) }.joined(
      separator: "\n"
    )
    let rest = diagnostics.count + omitted - Self.mostShown
    return rest > 0 ? "\(text)\nand \(counted(rest, "more finding"))\n" : text
  }

  /// The same for the plan alone.
  ///
  /// A missing value of a param is not the plan's mistake, and everything else was checked without
  /// it.
  package var ofPlanAlone: Findings {
    let changed = diagnostics.map { diagnostic in
      var changed = diagnostic
      if diagnostic.code == .missingParam { changed.severity = .warning }
      return changed
    }
    return Findings(diagnostics: changed, omitted: omitted, sources: sources)
  }

  /// For programs: a JSON object each.
  package var json: [String] {
    let renderer = DiagnosticJSON(sources: sources)
    return diagnostics.map { renderer.object($0) }
  }

  /// Errors, and warnings about what a run would leave out.
  ///
  /// `check` shows the others.
  package var ofRun: Findings {
    let shown = diagnostics.filter { diagnostic in
      switch diagnostic.code {
      case .nameNotFound, .phaseSelectsNothing, .stepAppliesToNothing, .neverAsked: true
      default: diagnostic.severity == .error
      }
    }
    return Findings(diagnostics: shown, omitted: 0, sources: sources)
  }
}
