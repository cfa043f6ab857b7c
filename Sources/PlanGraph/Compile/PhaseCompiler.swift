import PlanLanguage

/// Turns written phases into templates, which have everything that is the same for all subjects.
struct PhaseCompiler {
  let facts: FactReader
  let sink: DiagnosticSink
  private(set) var steps: Table<StepTemplateID, StepTemplate> = []
  private(set) var blocks: Table<BlockTemplateID, BlockTemplate> = []
  private(set) var limits: Table<LimitID, Int> = []
  /// For each template made for subjects with other facts: the first template of its statement.
  private(set) var statements: [StepTemplateID: StepTemplateID] = [:]
  /// The limit of a phase, which all its variants share.
  private var limitOfPhase: [ItemID: LimitID] = [:]
  /// The locations of the timeouts of blocks.
  private(set) var timeouts: [BlockTemplateID: Location] = [:]
  /// Whether the plan itself, which is read first, has a timeout.
  private var isPlanBounded = false

  init(site: Site, sink: DiagnosticSink) {
    facts = FactReader(site: site)
    self.sink = sink
  }

  /// What a block passes on to what is inside it.
  struct Context {
    let unit: PlanUnit
    let values: ValueReader
    let conditions: ConditionReader
    var item: ItemID
    /// The scope of the statements' subjects.
    var scope = Scope.deployment
    var defaults = Defaults()
    var environment: [EnvironmentVariable] = []
    /// Whether facts in the file's own `env` may differ between subjects.
    var environmentDiffers = false
    /// Limits over the whole run in which each step takes a slot.
    var stepLimits: [LimitID] = []
    var skipReason: String?
    /// Whether a block around it has a time limit.
    var isBounded = false
    /// The shortest timeout of a block around it that is written in the same file.
    var shortestTimeout: WrittenTimeout?
    var takesBlockSlot = false
    /// The names given to statements of the phase so far, with their counts.
    var names: StatementNames

    /// A copy with other names.
    func with(_ names: StatementNames) -> Context {
      var context = self
      context.names = names
      return context
    }

    /// A copy for the handlers of a plan or a rollout.
    ///
    /// Only their own timeouts apply to them.
    func forHandlers(_ item: ItemID, of scope: Scope, _ names: StatementNames) -> Context {
      var context = self
      context.item = item
      context.scope = scope
      context.names = names
      context.isBounded = false
      context.shortestTimeout = nil
      return context
    }
  }

  /// The names of statements within one phase.
  final class StatementNames {
    private var uses: [String: Int]

    init() { uses = [:] }

    /// Makes a copy of the names that another has now.
    init(_ other: StatementNames) { uses = other.uses }

    /// The name itself the first time, then followed by `-2`, `-3` and so on.
    func unique(_ name: String) -> String {
      let count = (uses[name] ?? 0) + 1
      uses[name] = count
      return count == 1 ? name : unique("\(name)-\(count)")
    }
  }

  /// The context of a file's phases, from the clauses of its plan.
  mutating func context(of unit: PlanUnit, item: ItemID) -> (Context, Settings) {
    let values = ValueReader(
      file: unit.source.id,
      parameters: unit.parameters,
      sink: sink,
      facts: facts
    )
    let conditions = ConditionReader(values: values, source: unit.source)
    var context = Context(
      unit: unit,
      values: values,
      conditions: conditions,
      item: item,
      names: StatementNames()
    )
    facts.enter(nil, "")
    let settings = Settings(unit.plan.clauses, values, conditions)
    context.environmentDiffers = !facts.leave().isEmpty
    if context.environmentDiffers { sink.expectRepeats() }
    context.defaults.apply(settings.defaults, values)
    context.environment = settings.environment
    // The plan's own timeout also covers everything that it includes.
    context.isBounded = settings.saysTimeout || isPlanBounded
    if unit.includedAt == nil {
      isPlanBounded = settings.saysTimeout
      context.shortestTimeout = WrittenTimeout(settings, context, "plan")
    }
    if let limit = settings.limit, let span = settings.limitSpan {
      if case .percent = limit {
        sink.report(
          .wrongKindOfValue,
          at: unit.location(span),
          "the limit of a plan is a number of steps, not a percentage"
        )
      } else if let count = values.room(limit, of: 100) {
        context.stepLimits = [newLimit(count)]
      }
    }
    return (context, settings)
  }

  /// Makes room for this many steps, so that the list is not copied while it grows.
  mutating func reserve(_ count: Int) { steps.reserveCapacity(count) }

  /// Adds a limit over the whole run, with at least one slot.
  mutating func newLimit(_ capacity: Int) -> LimitID {
    limits.append(max(1, capacity))
  }

  /// Adds a block's template.
  mutating func add(_ template: BlockTemplate) -> BlockTemplateID {
    blocks.append(template)
  }

  /// Records the location of a block's timeout.
  mutating func note(_ location: Location, of template: BlockTemplateID) {
    timeouts[template] = location
  }

  /// Compiles a phase's block.
  ///
  /// A percentage in its `limit` is of `subjectCount`.
  mutating func compile(
    _ phase: PhaseDecl,
    _ planContext: Context,
    subjectCount: Int
  ) -> CompiledBlock {
    var context = planContext
    context.scope = phase.scope
    let settings = enter(&context, phase.block, "phase")
    var phaseLimits: [LimitID] = []
    if let amount = settings.limit,
      let count = context.values.room(amount, of: subjectCount)
    {
      let limit = limitOfPhase[context.item] ?? newLimit(count)
      limitOfPhase[context.item] = limit
      phaseLimits = [limit]
    }
    // A phase with a single step needs no nodes of its own if the step can have its settings.
    if case .step(let step)? = phase.block.statements.first, phase.block.statements.count == 1,
      phase.block.handlers.isEmpty, settings.retry == nil, settings.timeout == nil
    {
      context.stepLimits += phaseLimits
      let statement = compile(
        step,
        context,
        isOptional: settings.isOptional,
        outer: settings.decision
      )
      return CompiledBlock(template: nil, isParallel: false, statements: [statement])
    }
    return compileBlock(
      phase.block,
      kind: .phase,
      name: phase.name.text,
      settings: settings,
      context: context,
      limits: phaseLimits,
      location: context.unit.location(phase.name.span)
    )
  }

  /// Compiles a handler of a block or of the plan.
  mutating func compile(_ handler: Handler, _ outer: Context) -> CompiledBlock {
    var context = outer
    // A handler has its own time limit: the timeout of its block does not cover it.
    context.isBounded = false
    context.shortestTimeout = nil
    context.takesBlockSlot = false
    let settings = enter(&context, handler.block, "handler")
    return compileBlock(
      handler.block,
      kind: handler.kind == .onFailure ? .onFailure : .finally,
      name: handler.kind == .onFailure ? "on-failure" : "finally",
      settings: settings,
      context: context,
      limits: [],
      location: context.unit.location(handler.keywordSpan),
      isAlwaysNode: true
    )
  }

  /// Records that the templates from `start` on repeat those from `original` on, for other facts.
  mutating func note(variantFrom start: StepTemplateID, of original: StepTemplateID) {
    for step in start..<steps.endIndex {
      statements[step] = original.advanced(by: start.distance(to: step))
    }
  }

  /// Adds a block's clauses to the context.
  ///
  /// `word` is the word for the block in messages.
  private func enter(_ context: inout Context, _ block: Block, _ word: String) -> Settings {
    let settings = Settings(block.clauses, context.values, context.conditions)
    context.defaults.apply(settings.defaults, context.values)
    context.environment = merged(context.environment, settings.environment)
    context.isBounded = context.isBounded || settings.saysTimeout
    if case .never(let reason) = settings.decision { context.skipReason = reason }
    if let timeout = WrittenTimeout(settings, context, word) {
      let isIdle =
        context.skipReason == nil && reportNeverEnds(timeout, context, mayBeLeftOut: true)
      if !isIdle { context.shortestTimeout = timeout }
    }
    return settings
  }

  private mutating func compileBlock(
    _ block: Block,
    kind: BlockTemplate.Kind,
    name: String,
    settings: Settings,
    context: Context,
    limits: [LimitID],
    location: Location,
    isAlwaysNode: Bool = false
  ) -> CompiledBlock {
    var condition: RuntimeCondition?
    if case .atRuntime(let open) = settings.decision { condition = open }
    if block.statements.isEmpty { reportEmpty(block, kind, context, location) }
    let slots: Int? =
      kind == .parallel
      ? settings.limit.flatMap { context.values.room($0, of: block.statements.count) }
        .map { max(1, $0) } : nil
    let needsNodes =
      isAlwaysNode || settings.retry != nil || settings.timeout != nil || settings.isOptional
      || condition != nil || slots != nil || !limits.isEmpty || !block.handlers.isEmpty
      || context.takesBlockSlot
    var template: BlockTemplateID?
    if needsNodes {
      template = add(
        BlockTemplate(
          kind: kind,
          name: name,
          retry: settings.retry,
          timeout: settings.timeout,
          isOptional: settings.isOptional,
          condition: condition,
          skipReason: context.skipReason,
          slots: slots,
          closesAfterFailure: false,
          limits: limits,
          takesBlockSlot: context.takesBlockSlot,
          item: context.item,
          location: location
        )
      )
      if let template, let span = settings.timeoutSpan {
        note(context.unit.location(span), of: template)
      }
    }
    var inner = context
    inner.takesBlockSlot = slots != nil
    let statements = block.statements.map { compile($0, inner) }
    var compiled = CompiledBlock(
      template: template,
      isParallel: kind == .parallel,
      statements: statements
    )
    for handler in block.handlers {
      switch handler.kind {
      case .onFailure: compiled.onFailure.append(compile(handler, inner))
      case .finally: compiled.finally.append(compile(handler, inner))
      }
    }
    return compiled
  }

  private mutating func compile(_ statement: Statement, _ context: Context) -> CompiledStatement {
    switch statement {
    case .step(let step): return compile(step, context, isOptional: false, outer: .always)
    case .group(let group):
      var inner = context
      let settings = enter(
        &inner,
        group.block,
        group.kind == .parallel ? "'parallel'" : "'sequence'"
      )
      let name = group.label?.text ?? (group.kind == .parallel ? "parallel" : "sequence")
      return .block(
        compileBlock(
          group.block,
          kind: group.kind == .parallel ? .parallel : .sequence,
          name: context.names.unique(name),
          settings: settings,
          context: inner,
          limits: [],
          location: context.unit.location(group.keywordSpan)
        )
      )
    }
  }

  /// Compiles a step.
  ///
  /// If it is the only step of its phase, `outer` and `isOptional` come from the phase.
  private mutating func compile(
    _ step: Step,
    _ context: Context,
    isOptional: Bool,
    outer: Decision
  ) -> CompiledStatement {
    let settings = Settings(step.clauses, context.values, context.conditions)
    let (action, need) = compile(step.action, context)
    var isIdempotent = true
    if case .run = step.action { isIdempotent = settings.isIdempotent }

    var conditions: [RuntimeCondition] = []
    var skipReason = context.skipReason
    for decision in [outer, settings.decision] {
      switch decision {
      case .always: break
      case .never(let reason): skipReason = skipReason ?? reason
      case .atRuntime(let open): conditions.append(open)
      }
    }
    let retry = settings.retry ?? (isIdempotent ? context.defaults.retry : nil)
    let timeout = settings.timeout ?? context.defaults.timeout
    checkRetry(settings, action, timeout: timeout, context)
    if timeout == nil, !settings.saysTimeout, !context.isBounded, skipReason == nil {
      sink.report(
        .noTimeBound,
        at: context.unit.location(step.actionSpan),
        action.isDrain
          ? "nothing limits the time of this drain, and a dynamic drain may ask for any number of sleeps"
          : "nothing limits the time of this step",
        notes: [Diagnostic.Note("add 'timeout' to it, or to its block, phase or plan")]
      )
    }
    let id = steps.endIndex
    var template = StepTemplate(
      name: context.names.unique(step.label?.text ?? derivedName(step.action)),
      action: action,
      StepTemplate.Rules(
        retry: retry?.count == 0 ? nil : retry,
        timeout: timeout,
        grace: settings.grace ?? context.defaults.grace ?? .seconds(10),
        settle: settings.settle ?? context.defaults.settle ?? .zero,
        every: settings.every ?? context.defaults.every ?? .seconds(1),
        isStrict: action.isDrain && (settings.isStrict ?? context.defaults.isStrict ?? false),
        environment: merged(context.environment, settings.environment),
        isIdempotent: isIdempotent,
        isOptional: settings.isOptional || isOptional,
        condition: conditions.count > 1 ? .all(conditions) : conditions.first,
        skipReason: skipReason,
        limits: context.stepLimits,
        takesBlockSlot: context.takesBlockSlot
      ),
      item: context.item,
      location: context.unit.location(step.actionSpan),
      documentation: step.documentation
    )
    checkTimeout(template, settings, context)
    if let last = steps.last { template.share(with: last) }
    steps.append(template)
    return .step(id, need, spread(of: step, context))
  }
}
