package import PlanGraph
package import PlanLanguage
import Words

/// All that was found in a plan, in the order of the text, file by file.
package struct Findings: Sendable {
  package let diagnostics: [Diagnostic]
  /// How many more there are than are kept.
  private let omitted: Int
  private let sources: [SourceFile]

  private init(diagnostics: [Diagnostic], omitted: Int, sources: [SourceFile]) {
    self.diagnostics = diagnostics
    self.omitted = omitted
    self.sources = sources
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

  /// Whether the plan cannot be run.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// All of it in a few words.
  package var verdict: String {
    if diagnostics.isEmpty { return "no mistakes" }
    let errors = diagnostics.count { $0.severity == .error }
    let warnings = counted(diagnostics.count + omitted - errors, "warning")
    if errors == 0 { return "can be run; \(warnings)" }
    return "cannot be run; \(counted(errors, "error"))"
      + (errors == diagnostics.count + omitted ? "" : ", \(warnings)")
  }

  /// How many are shown to people, who mend a few at a time.
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

  /// The same of the plan alone: that a param has no value yet is not the plan's mistake, and everything
  /// else was looked at without it.
  package var ofPlanAlone: Findings {
    let changed = diagnostics.map { diagnostic in
      var changed = diagnostic
      if diagnostic.code == .missingParam { changed.severity = .warning }
      return changed
    }
    return Findings(diagnostics: changed, omitted: omitted, sources: sources)
  }

  /// For machines: a JSON object each.
  package var json: [String] {
    let renderer = DiagnosticJSON(sources: sources)
    return diagnostics.map { renderer.object($0) }
  }

  /// Errors, and warnings of what a run would leave out; the others are for `check`.
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
