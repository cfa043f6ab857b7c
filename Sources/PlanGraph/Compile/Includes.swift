package import PlanLanguage

/// The result of looking for an included plan.
package enum IncludeAnswer: Sendable {
  /// The plan's text. Two names of one file have the same key; the name is for people.
  case found(key: String, name: String, bytes: [UInt8])
  /// There is no such plan. Has the reason, such as `no such file`, and names that exist, to
  /// suggest a similar one.
  case missing(reason: String, known: [String])
}

/// Finds an included plan, given the `include`'s text and the key of the file that contains it.
package typealias IncludeLoader = (IncludeDecl.Target, _ from: String) -> IncludeAnswer

/// A file of the compilation, with what its text may refer to.
///
/// The clauses and defaults of a file apply to its own phases only.
final class PlanUnit {
  let source: SourceFile
  private(set) var plan: PlanDecl
  let parameters: ParameterTable
  /// The location of the `include` that includes it; nil for the plan itself.
  let includedAt: Location?
  /// Whether it is a bundled plan.
  ///
  /// It is for all machines, so some of its steps may have nothing to do.
  let isBundled: Bool

  init(
    source: SourceFile,
    plan: PlanDecl,
    parameters: ParameterTable,
    includedAt: Location?,
    isBundled: Bool
  ) {
    self.source = source
    self.plan = plan
    self.parameters = parameters
    self.includedAt = includedAt
    self.isBundled = isBundled
  }

  func location(_ span: Span) -> Location { Location(source.id, span) }

  /// Forgets the phases, which are already in the list of all files' items.
  func forgetPhases() {
    plan.items.removeAll {
      switch $0 {
      case .phase, .rollout: true
      case .param, .deploymentJob, .include, .barrier: false
      }
    }
  }
}

extension PlanUnit {
  /// The phase with the names of release jobs that a param holds filled in.
  ///
  /// Several names are separated by commas or blanks.
  fileprivate func named(_ phase: PhaseDecl, _ sink: DiagnosticSink) -> PhaseDecl {
    guard let param = phase.releaseJobParam else { return phase }
    let reader = ValueReader(file: source.id, parameters: parameters, sink: sink)
    guard let value = reader.openValue(of: param) else { return phase }
    var named = phase
    named.releaseJobs = value.text
      .split { $0 == "," || $0 == " " || $0 == "\t" || $0 == "\n" }
      .map { Name(String($0), param.span) }
    if named.releaseJobs.isEmpty {
      reader.wrongKind(
        param,
        value,
        wanted: "the name of a release job, or several separated by ','"
      )
    }
    return named
  }
}

/// A phase, barrier or rollout, and the file that it is written in.
enum FlatItem {
  case phase(PhaseDecl, PlanUnit)
  case barrier(BarrierDecl, PlanUnit)
  case rollout(RolloutDecl, PlanUnit, [FlatItem])
}

extension FlatItem {
  /// The number of steps written in it.
  var stepCount: Int {
    switch self {
    case .phase(let phase, _): Self.stepCount(phase.block)
    case .barrier: 0
    case .rollout(let rollout, _, let inner):
      inner.reduce(rollout.handlers.reduce(0) { $0 + Self.stepCount($1.block) }) {
        $0 + $1.stepCount
      }
    }
  }

  private static func stepCount(_ block: Block) -> Int {
    var count = 0
    for statement in block.statements {
      switch statement {
      case .step: count += 1
      case .group(let group): count += stepCount(group.block)
      }
    }
    return block.handlers.reduce(count) { $0 + stepCount($1.block) }
  }
}

/// Puts included plans instead of their `include`s.
struct IncludeExpander {
  let loader: IncludeLoader
  /// Values given from outside, by name.
  let given: [String: String]
  let sink: DiagnosticSink
  private(set) var sources: [SourceFile] = []
  /// The files in the order in which they are found; the plan itself comes first.
  private(set) var units: [PlanUnit] = []
  /// The names of given values that some file declares.
  private(set) var used: Set<String> = []

  init(loader: @escaping IncludeLoader, given: [String: String], sink: DiagnosticSink) {
    self.loader = loader
    self.given = given
    self.sink = sink
  }

  /// The plan's items with its includes expanded.
  mutating func expand(_ file: PlanFile, key: String, isBundled: Bool) -> [FlatItem] {
    sources.append(file.source)
    sink.hasBrokenText = file.isBroken
    guard let plan = file.plan else { return [] }
    let unit = enter(plan, file.source, outer: nil, includedAt: nil, isBundled: isBundled)
    return items(of: unit, chain: [(key, Location(file.source.id, plan.name.span))])
  }

  private mutating func enter(
    _ plan: PlanDecl,
    _ source: SourceFile,
    outer: ParameterTable?,
    includedAt: Location?,
    isBundled: Bool
  ) -> PlanUnit {
    var table = ParameterTable()
    for case .param(let param) in plan.items {
      if let earlier = table.declarations[param.name.text] {
        sink.report(
          .duplicateParam,
          at: Location(source.id, param.name.span),
          "param '\(param.name.text)' is declared twice",
          notes: [
            Diagnostic.Note("it is declared here first", at: Location(source.id, earlier.span))
          ]
        )
        continue
      }
      if let value = value(of: param, in: source, table, outer: outer) {
        table.define(param.name, value)
      } else {
        table.declare(param.name)
      }
    }
    let unit = PlanUnit(
      source: source,
      plan: plan,
      parameters: table,
      includedAt: includedAt,
      isBundled: isBundled
    )
    units.append(unit)
    return unit
  }

  private mutating func value(
    of param: ParamDecl,
    in source: SourceFile,
    _ table: ParameterTable,
    outer: ParameterTable?
  ) -> ParameterValue? {
    let name = param.name.text
    if given[name] != nil { used.insert(name) }
    if let outerValue = outer?.values[name] {
      return ParameterValue(
        text: outerValue.text,
        isSecret: outerValue.isSecret || param.isSecret
      )
    }
    if let text = given[name] { return ParameterValue(text: text, isSecret: param.isSecret) }
    guard let literal = param.value else {
      sink.report(
        .missingParam,
        at: Location(source.id, param.name.span),
        "param '\(name)' needs a value",
        // Everyone on the machine can read a command line.
        notes: [
          Diagnostic.Note(
            "give it with " + (param.isSecret ? "--set-file \(name)=FILE" : "--set \(name)=VALUE")
          )
        ]
      )
      return nil
    }
    switch literal.kind {
    case .string(let string):
      let reader = ValueReader(file: source.id, parameters: table, sink: sink)
      guard var value = reader.string(string, secrets: true) else { return nil }
      value.isSecret = value.isSecret || param.isSecret
      return value
    case .int, .version, .duration, .percent:
      return ParameterValue(text: source.text(literal.span), isSecret: param.isSecret)
    }
  }

  private mutating func items(
    of unit: PlanUnit,
    chain: [(key: String, at: Location)]
  ) -> [FlatItem] {
    var flat: [FlatItem] = []
    for item in unit.plan.items {
      switch item {
      case .param: break
      case .deploymentJob(let declaration):
        guard let includedAt = unit.includedAt else { continue }
        sink.report(
          .deploymentJobInInclude,
          at: unit.location(declaration.name.span),
          "an included plan cannot declare a deployment job",
          notes: [
            Diagnostic.Note("it is included here", at: includedAt),
            Diagnostic.Note("declare '\(declaration.name.text)' in the plan that includes it"),
          ]
        )
      case .include(let include): flat += included(include, in: unit, chain: chain)
      case .phase(let phase): flat.append(.phase(unit.named(phase, sink), unit))
      case .barrier(let barrier): flat.append(.barrier(barrier, unit))
      case .rollout(let rollout):
        var inner: [FlatItem] = []
        for item in rollout.items {
          switch item {
          case .phase(let phase): inner.append(.phase(unit.named(phase, sink), unit))
          case .barrier(let barrier): inner.append(.barrier(barrier, unit))
          case .include(let include):
            inner += narrowed(included(include, in: unit, chain: chain), include, unit)
          }
        }
        flat.append(.rollout(rollout, unit, inner))
      }
    }
    return flat
  }

  /// The items that an include adds to a rollout.
  ///
  /// None of them may join more than one instance.
  private func narrowed(
    _ items: [FlatItem],
    _ include: IncludeDecl,
    _ unit: PlanUnit
  ) -> [FlatItem] {
    var wide: [(what: String, at: Location)] = []
    let narrow = items.filter { item in
      switch item {
      case .phase(let phase, let from) where phase.scope > .instance:
        wide.append(
          (
            "phase '\(phase.name.text)' per \(phase.scope.word)",
            from.location(phase.scopeSpan ?? phase.name.span)
          )
        )
      case .barrier(let barrier, let from) where barrier.scope > .instance:
        wide.append(("a barrier across \(barrier.scope.word)", from.location(barrier.scopeSpan)))
      case .rollout(let rollout, let from, _):
        wide.append(("a rollout", from.location(rollout.span)))
      case .phase, .barrier:
        return true
      }
      return false
    }
    if let first = wide.first {
      sink.report(
        .wideJoinInRollout,
        at: unit.location(include.target.name.span),
        "this brings \(first.what) into a rollout, where it would wait for instances not admitted yet",
        notes: wide.prefix(3).map { Diagnostic.Note("\($0.what) is here", at: $0.at) }
      )
    }
    return narrow
  }

  private mutating func included(
    _ include: IncludeDecl,
    in unit: PlanUnit,
    chain: [(key: String, at: Location)]
  ) -> [FlatItem] {
    let name = include.target.name
    let at = unit.location(name.span)
    switch loader(include.target, chain.last?.key ?? "") {
    case .missing(let reason, let known):
      sink.reportUnknown(
        .unknownInclude,
        name,
        in: unit.source.id,
        "cannot include '\(name.text)': \(reason)",
        known: known
      )
      return []
    case .found(let key, let shownName, let bytes):
      if let index = chain.firstIndex(where: { $0.key == key }) {
        sink.report(
          .includeCycle,
          at: at,
          "'\(name.text)' includes itself",
          notes: [
            Diagnostic.Note("the plan that is included again is this one", at: chain[index].at)
          ]
        )
        return []
      }
      if chain.count > 64 || units.count > 4096 {
        sink.report(.tooLarge, at: at, "more than 64 includes inside one another, or 4096 in all")
        return []
      }
      let source = SourceFile(id: FileID(sources.count), name: shownName, bytes: bytes)
      sources.append(source)
      let parsed = Parser.parse(source)
      sink.report(parsed.diagnostics)
      sink.hasBrokenText = sink.hasBrokenText || parsed.tree.isBroken
      guard let plan = parsed.tree.plan else { return [] }
      for clause in plan.clauses {
        guard case .timeout = clause.kind else { continue }
        sink.report(
          .misplacedClause,
          at: Location(source.id, clause.span),
          "an included plan cannot have its own timeout",
          notes: [
            Diagnostic.Note("it is included here", at: at),
            Diagnostic.Note("put the timeout on its phases"),
          ]
        )
      }
      var isBundled = false
      if case .bundled = include.target { isBundled = true }
      let inner = enter(
        plan,
        source,
        outer: unit.parameters,
        includedAt: at,
        isBundled: isBundled
      )
      return items(of: inner, chain: chain + [(key, Location(source.id, plan.name.span))])
    }
  }
}
