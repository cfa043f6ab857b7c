package import PlanLanguage

/// Everything that a compilation is made from.
package struct BuildInput {
  /// The parsed plan.
  package var plan: PlanFile
  /// What tells the plan's file from others: two ways to name one file have the same key.
  package var key: String
  /// Values for its parameters, by name.
  package var parameters: [String: String]
  package var site: Site
  package var loadInclude: IncludeLoader

  /// Makes an input.
  package init(
    plan: PlanFile,
    key: String = "",
    parameters: [String: String] = [:],
    site: Site = .unknown,
    loadInclude: @escaping IncludeLoader = { _, _ in
      .missing(reason: "nothing can be included here", known: [])
    }
  ) {
    self.plan = plan
    self.key = key
    self.parameters = parameters
    self.site = site
    self.loadInclude = loadInclude
  }
}

/// What a compilation gives.
package struct BuildResult {
  /// nil where there is an error among the diagnostics, or no plan at all.
  package var graph: Graph?
  /// Without those of the plan's own text, which came with the parsed plan.
  package var diagnostics: [Diagnostic]
  /// How many more were found than are kept.
  package var omitted: Int
  /// The files, by `FileID`.
  package var sources: [SourceFile]
}

/// Compiles a plan, with its parameters and what is known of the machines, into a graph.
package enum GraphBuilder {
  /// Compiles; never fails, whatever the tree.
  package static func build(_ input: BuildInput) -> BuildResult {
    let sink = DiagnosticSink()
    var expander = IncludeExpander(loader: input.loadInclude, given: input.parameters, sink: sink)
    var flat = expander.expand(input.plan, key: input.key)
    guard let root = expander.units.first, input.plan.plan != nil else {
      return BuildResult(
        graph: nil,
        diagnostics: sink.diagnostics,
        omitted: sink.omitted,
        sources: expander.sources
      )
    }
    for unit in expander.units { unit.forgetPhases() }
    reportUnknownGiven(input.parameters, expander, root, sink)
    var assembly = Assembly(input: input, root: root, units: expander.units, sink: sink)
    let graph = assembly.assemble(&flat, sources: expander.sources)
    return BuildResult(
      graph: sink.hasErrors ? nil : graph,
      diagnostics: sink.diagnostics,
      omitted: sink.omitted,
      sources: expander.sources
    )
  }

  private static func reportUnknownGiven(
    _ given: [String: String],
    _ expander: IncludeExpander,
    _ root: PlanUnit,
    _ sink: DiagnosticSink
  ) {
    let known = Set(expander.units.flatMap { $0.parameters.names })
    for name in given.keys.sorted() where !known.contains(name) {
      var notes: [Diagnostic.Note] = []
      if let near = nearMiss(name, among: known.sorted()) {
        notes.append(Diagnostic.Note("there is '\(near)'"))
      } else if !known.isEmpty {
        notes.append(Diagnostic.Note("there is \(listed(known.sorted()))"))
      }
      sink.report(
        .unknownParam,
        at: root.location(root.plan.name.span),
        "plan '\(root.plan.name.text)' has no param '\(name)' to set",
        notes: notes
      )
    }
  }
}
