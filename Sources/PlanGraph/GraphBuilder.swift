package import PlanLanguage

/// The input of a compilation.
package struct BuildInput {
  /// The parsed plan.
  package var plan: PlanFile
  /// The identity of the plan's file: two names of one file have the same key.
  package var key: String
  /// Whether it is a bundled plan, which is for all machines.
  package var isBundled = false
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

/// The result of a compilation.
package struct BuildResult {
  /// The graph; nil if the diagnostics have an error or there is no plan.
  package var graph: Graph?
  /// The diagnostics, without those of parsing the plan, which come with the parsed plan.
  package var diagnostics: [Diagnostic]
  /// How many more diagnostics there were than are kept.
  package var omitted: Int
  /// The files, by `FileID`.
  package var sources: [SourceFile]
  /// The params of all files that are declared secret, in the order of the files.
  package var secrets: [SecretParam]
}

/// A param whose value is kept from everyone but the steps.
package struct SecretParam: Equatable, Sendable {
  package var name: String
  /// The file that declares it.
  package var file: FileID
  /// Where its default stands in that file; nil if it has none.
  package var standard: Span?
}

/// A plan with its includes expanded, ready to be compiled.
///
/// It holds what is left of the syntax tree. If the caller releases the parsed plan, the memory of
/// each phase is freed as soon as the phase is compiled.
package struct ExpandedPlan {
  fileprivate var items: [FlatItem]
  fileprivate let units: [PlanUnit]
  fileprivate let sources: [SourceFile]
  fileprivate let parameters: [String: String]
  fileprivate let site: Site
  fileprivate let sink: DiagnosticSink
}

/// Compiles a plan, with its parameters and what is known about the machines, into a graph.
package enum GraphBuilder {
  /// Compiles a plan.
  ///
  /// Never traps, whatever the tree.
  package static func build(_ input: BuildInput) -> BuildResult {
    var plan = expand(input)
    return build(&plan)
  }

  /// Puts included plans instead of their includes.
  package static func expand(_ input: BuildInput) -> ExpandedPlan {
    let sink = DiagnosticSink()
    var expander = IncludeExpander(loader: input.loadInclude, given: input.parameters, sink: sink)
    let items = expander.expand(input.plan, key: input.key, isBundled: input.isBundled)
    for unit in expander.units { unit.forgetPhases() }
    return ExpandedPlan(
      items: items,
      units: expander.units,
      sources: expander.sources,
      parameters: input.parameters,
      site: input.site,
      sink: sink
    )
  }

  /// Compiles an expanded plan and removes its items.
  package static func build(_ plan: inout ExpandedPlan) -> BuildResult {
    let sink = plan.sink
    var graph: Graph?
    // There is no unit if the text has no plan.
    if let root = plan.units.first {
      reportUnknownGiven(plan.parameters, plan.units, root, sink)
      var assembly = Assembly(site: plan.site, root: root, units: plan.units, sink: sink)
      graph = assembly.assemble(&plan.items, sources: plan.sources)
    }
    return BuildResult(
      graph: sink.hasErrors ? nil : graph,
      diagnostics: sink.diagnostics,
      omitted: sink.omitted,
      sources: plan.sources,
      secrets: plan.units.flatMap(\.secrets)
    )
  }

  private static func reportUnknownGiven(
    _ given: [String: String],
    _ units: [PlanUnit],
    _ root: PlanUnit,
    _ sink: DiagnosticSink
  ) {
    let known = Set(units.flatMap { $0.parameters.names })
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

extension PlanUnit {
  fileprivate var secrets: [SecretParam] {
    plan.items.compactMap {
      guard case .param(let param) = $0, param.isSecret else { return nil }
      return SecretParam(name: param.name.text, file: source.id, standard: param.value?.span)
    }
  }
}
