/// Formats plans in one style.
///
/// The indentation is two blanks. Each clause and each statement has a line of its own. Braces that
/// the author wrote on one line stay there if they fit into 100 columns. Comments stay where they
/// are. Of several blank lines, one stays. Only blanks and line ends change, so the tree stays the
/// same. Formatting a second time changes nothing.
package enum Formatter {
  /// The most columns in a line that can be broken.
  package static let width = 100

  /// The formatted text; nil if the text has a mistake, because its meaning is then not certain.
  package static func format(_ source: SourceFile) -> String? {
    format(Parser.parseSyntax(source))
  }

  /// Formats a file that is already parsed.
  ///
  /// - Parameter syntax: the result of ``Parser/parseSyntax(_:)`` for the file.
  /// - Returns: the formatted text; nil if the parser found a mistake.
  package static func format(_ syntax: ParseResult) -> String? {
    guard syntax.diagnostics.isEmpty, let plan = syntax.tree.plan else { return nil }
    let source = syntax.tree.source
    var lineStarts = LineStarts()
    lineStarts.add(plan)
    return source.bytes.withUnsafeBufferPointer { bytes in
      var layout = Layout(bytes, pieces: tokens(of: source), lineStarts: lineStarts.offsets)
      layout.write()
      return String(decoding: layout.output, as: UTF8.self)
    }
  }
}

/// The places of everything that begins a line of its own, ascending.
struct LineStarts {
  private(set) var offsets: [UInt32] = []

  mutating func add(_ plan: PlanDecl) {
    offsets.append(plan.span.start)
    for clause in plan.clauses { add(clause) }
    for item in plan.items { add(item) }
    for handler in plan.handlers { add(handler) }
    for test in plan.tests {
      offsets.append(test.span.start)
      for statement in test.statements { offsets.append(statement.span.start) }
    }
  }

  private mutating func add(_ item: Item) {
    switch item {
    case .param(let param): offsets.append(param.span.start)
    case .deploymentJob(let job):
      offsets.append(job.span.start)
      for clause in job.clauses { offsets.append(clause.span.start) }
    case .include(let include): offsets.append(include.span.start)
    case .phase(let phase): add(phase)
    case .barrier(let barrier): offsets.append(barrier.span.start)
    case .rollout(let rollout):
      offsets.append(rollout.span.start)
      for pace in rollout.pace { offsets.append(pace.span.start) }
      for item in rollout.items {
        switch item {
        case .phase(let phase): add(phase)
        case .barrier(let barrier): offsets.append(barrier.span.start)
        case .include(let include): offsets.append(include.span.start)
        }
      }
      for handler in rollout.handlers { add(handler) }
    }
  }

  private mutating func add(_ phase: PhaseDecl) {
    offsets.append(phase.span.start)
    add(phase.block)
  }

  private mutating func add(_ block: Block) {
    for clause in block.clauses { add(clause) }
    for statement in block.statements {
      offsets.append(statement.span.start)
      switch statement {
      case .step(let step):
        for clause in step.clauses { add(clause) }
      case .group(let group): add(group.block)
      }
    }
    for handler in block.handlers { add(handler) }
  }

  private mutating func add(_ handler: Handler) {
    offsets.append(handler.keywordSpan.start)
    add(handler.block)
  }

  private mutating func add(_ clause: Clause) {
    offsets.append(clause.span.start)
    if case .defaults(let inner) = clause.kind {
      for clause in inner { add(clause) }
    }
  }
}

extension DeploymentJobDecl.Clause {
  /// Its place in the text.
  package var span: Span {
    switch self {
    case .releaseJobs(_, let span), .instances(_, let span), .after(_, let span): span
    case .pace(let pace): pace.span
    }
  }
}
