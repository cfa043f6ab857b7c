import PlanGraph
import Words

/// All settings of a step except its place in the order, in words that can be compared.
struct StepSettings {
  /// What a setting guarantees.
  enum Guarantee: Hashable {
    /// Alone, it guarantees nothing.
    case nothing
    /// It is a bound as long as it is set.
    case presence
    /// Something cannot happen as long as it is not set.
    case absence
    /// No more than this many are under way at once.
    case atMost(Int)
  }

  struct Setting {
    var text: String
    var guarantee: Guarantee
  }

  private(set) var values: [(key: String, setting: Setting)] = []

  init(_ graph: Graph, _ node: NodeID) {
    guard let step = graph.step(node) else { return }
    add("what it does", words(step.action))
    addRetry(step.retry, "")
    add("timeout", step.timeout.map(\.planText), .presence)
    add("grace", step.grace.planText)
    if step.action.isStart { add("settle", step.settle.planText) }
    if case .wait = step.action { add("every", step.every.planText) }
    if step.action.isDrain { add("strict", step.isStrict ? "yes" : nil, .presence) }
    for variable in step.environment { add("env \(variable.name)", variable.shown) }
    if case .run = step.action {
      add("may be started twice", step.isIdempotent ? "yes" : nil, .absence)
    }
    add("optional", step.isOptional ? "yes" : nil, .absence)
    add("condition", step.condition.map { words($0) }, .absence)
    add("skipped", step.skipReason, .absence)
    addLimits(graph, node, step)
    for block in graph.blocks(around: node) {
      let template = graph.template(block)
      let of = " of " + Self.name(template)
      addRetry(template.retry, of)
      add("timeout\(of)", template.timeout.map(\.planText), .presence)
      add("optional\(of)", template.isOptional ? "yes" : nil, .absence)
      add("condition\(of)", template.condition.map { words($0) }, .absence)
      if template.skipReason != step.skipReason {
        add("skipped\(of)", template.skipReason, .absence)
      }
      if let slots = template.slots {
        add("limit\(of)", "\(slots)", .atMost(slots))
      }
      for limit in template.limits {
        let most = graph.limits[limit]
        add("limit\(of)", "\(most)", .atMost(most))
      }
    }
  }

  private mutating func addLimits(_ graph: Graph, _ node: NodeID, _ step: StepTemplate) {
    let capacities = step.limits.map { graph.limits[$0] }
    guard let most = capacities.min() else { return }
    add("limit", "\(most)", .atMost(most))
  }

  private mutating func addRetry(_ retry: Retry?, _ of: String) {
    // A block without these settings would only add noise.
    if retry != nil || of.isEmpty { add("attempts\(of)", "\(1 + (retry?.count ?? 0))") }
    guard let retry else { return }
    let pause =
      retry.high > retry.low
      ? "\(retry.low.planText)..\(retry.high.planText)" : retry.low.planText
    add("pause between attempts\(of)", pause)
    let only = retry.only.map(words).sorted().joined(separator: ", ")
    add("tried again\(of)", only.isEmpty ? nil : "only after \(only)")
  }

  private mutating func add(_ key: String, _ text: String?, _ guarantee: Guarantee = .nothing) {
    if let text { values.append((key, Setting(text: text, guarantee: guarantee))) }
  }

  private static func name(_ block: BlockTemplate) -> String {
    switch block.kind {
    case .plan: "the plan"
    case .phase: "phase \(block.name)"
    case .parallel, .sequence: "the block \(block.name)"
    case .onFailure: "the handler on failure"
    case .finally: "the handler finally"
    case .rollout, .rolloutEntry: "the rollout"
    }
  }

  /// Whether a changed setting guaranteed something that no longer holds.
  static func isLoss(_ old: Setting?, _ new: Setting?) -> Bool {
    if let old {
      switch old.guarantee {
      case .presence: return new == nil
      case .atMost(let most):
        guard case .atMost(let now)? = new?.guarantee else { return true }
        return now > most
      case .nothing, .absence: break
      }
    }
    if let new, new.guarantee == .absence { return true }
    return false
  }
}

private func words(_ reason: RetryReason) -> String {
  switch reason {
  case .exit(let status): "exit \(status)"
  case .signal: "signal"
  case .timeout: "timeout"
  }
}

private func words(_ command: Command) -> String {
  switch command {
  case .shell(let line): line
  case .arguments(let vector): "[\(vector.joined(separator: ", "))]"
  }
}

private func words(_ action: StepAction) -> String {
  switch action {
  case .script(let name): "script \(name)"
  case .run(let command): "run \(words(command))"
  case .wait(.tcp(let address)): "wait tcp \(address)"
  case .wait(.file(let path)): "wait file \(path)"
  case .wait(.command(let command)): "wait command \(words(command))"
  case .start: "start"
  case .stop: "stop"
  case .startUnits(let units): "start unit \(units.joined(separator: ", "))"
  case .stopUnits(let units): "stop unit \(units.joined(separator: ", "))"
  case .unmonitor: "unmonitor"
  case .drain: "drain"
  }
}

private func words(_ condition: RuntimeCondition) -> String {
  switch condition {
  case .exists(let path): "exists \(path)"
  case .not(let inner): "not (\(words(inner)))"
  case .all(let inner): inner.map { "(\(words($0)))" }.joined(separator: " and ")
  case .any(let inner): inner.map { "(\(words($0)))" }.joined(separator: " or ")
  }
}
