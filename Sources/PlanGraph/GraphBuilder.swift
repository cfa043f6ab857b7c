package import PlanLanguage

/// Everything that a compilation is made from.
package struct BuildInput {
  /// The parsed plan.
  package var plan: PlanFile
  /// What tells the plan's file from others: two ways to name one file have the same key.
  package var key: String
  /// Whether it is one of the plans that are for all machines.
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
  /// The params of all files that are declared secret, in the order of the files.
  package var secrets: [SecretParam]
}

/// A param whose value is kept from everybody but the steps.
package struct SecretParam: Equatable, Sendable {
  package var name: String
  /// The file that declares it.
  package var file: FileID
  /// Where its default stands in that file; nil where it has none.
  package var standard: Span?
}

/// A plan with its includes in their places, about to be compiled.
///
/// It is what remains of the tree: whoever lets go of the parsed plan now has the memory of each phase
/// back as soon as that is compiled.
package struct ExpandedPlan {
  fileprivate var items: [FlatItem]
  fileprivate let units: [PlanUnit]
  fileprivate let sources: [SourceFile]
  fileprivate let parameters: [String: String]
  fileprivate let site: Site
  fileprivate let sink: DiagnosticSink
}

/// Compiles a plan, with its parameters and what is known of the machines, into a graph.
package enum GraphBuilder {
  /// Compiles; never fails, whatever the tree.
  package static func build(_ input: BuildInput) -> BuildResult {
    var plan = expand(input)
    return build(&plan)
  }

  /// Puts included plans in the places of their includes.
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

  /// Compiles an expanded plan, whose items are gone when that is done.
  package static func build(_ plan: inout ExpandedPlan) -> BuildResult {
    let sink = plan.sink
    var graph: Graph?
    // There is none where the text has no plan in it.
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
