package import Execution
package import PlanGraph
import Words

/// What a graph says about a step, in words for people.
package struct StepWords: Sendable {
  private let graph: Graph
  private let names: NodeNames

  /// Makes the words for the steps of a graph.
  package init(_ graph: Graph) {
    self.graph = graph
    names = NodeNames(graph)
  }

  /// The blocks around a step, innermost first, with their rules; nil if there are none.
  package func context(of node: NodeID) -> String? {
    var words: [String] = []
    for block in graph.blocks(around: node) {
      let template = graph.template(block)
      var about: [String] = []
      if let timeout = template.timeout { about.append("\(timeout.forPeople) in all") }
      if let retry = template.retry { about.append(describe(retry)) }
      if let slots = template.slots { about.append("\(slots) at a time") }
      if template.isOptional { about.append("optional") }
      if let condition = template.condition {
        about.append("only if \(self.condition(condition))")
      }
      if template.kind == .plan, about.isEmpty { break }
      let name: String
      switch template.kind {
      case .onFailure: name = "on failure"
      case .rolloutEntry: name = "rollout of \(graph.subjects.path(graph[block].subject))"
      default: name = template.name
      }
      words.append(about.isEmpty ? name : "\(name) (\(about.joined(separator: ", ")))")
    }
    return words.isEmpty ? nil : words.joined(separator: ", in ")
  }

  /// Attempts, time and limits of a step; empty if it has none of its own.
  package func rules(_ step: StepTemplate) -> String {
    var words: [String] = []
    if let retry = step.retry { words.append(describe(retry)) }
    if let timeout = step.timeout {
      words.append("timeout \(timeout.forPeople), then \(step.grace.forPeople) to end")
    }
    if step.action.isStart, step.settle > .zero { words.append("settle \(step.settle.forPeople)") }
    if step.isStrict { words.append("strict") }
    for limit in step.limits { words.append("\(graph.limits[limit]) at a time") }
    if step.isOptional { words.append("optional") }
    if let condition = step.condition {
      words.append("only if \(self.condition(condition)), checked during the run")
    }
    if case .run = step.action, !step.isIdempotent { words.append("never run twice") }
    return words.joined(separator: "; ")
  }

  /// Which failures are retried, where not all are.
  private func reasons(_ retry: Retry) -> String {
    if retry.only.isEmpty { return "" }
    let words = retry.only.map { reason in
      switch reason {
      case .exit(let status): "exit \(status)"
      case .signal: "signal"
      case .timeout: "timeout"
      }
    }
    return " only on \(words.sorted().joined(separator: ", "))"
  }

  private func describe(_ retry: Retry) -> String {
    let pause =
      retry.low == retry.high
      ? (retry.low == .zero ? "" : " after \(retry.low.forPeople)")
      : " after \(retry.low.forPeople) to \(retry.high.forPeople)"
    return "up to \(counted(retry.count, "retry", "retries"))\(pause)\(reasons(retry))"
  }

  /// Whether a step would run, as far as that is known without running anything.
  package func fate(
    _ node: NodeID,
    passedOver: [NodeID: RunPolicy.PassOver] = [:]
  ) -> StepFate {
    guard let step = graph.step(node) else { return .runs }
    if let reason = step.skipReason ?? passedOver[node]?.words { return .skipped(reason) }
    var unknown = step.condition.map { "only if \(condition($0)), checked during the run" }
    for block in graph.blocks(around: node) {
      let template = graph.template(block)
      if let reason = template.skipReason { return .skipped(reason) }
      if let condition = template.condition {
        unknown = unknown ?? "only if \(self.condition(condition)), checked during the run"
      }
      if template.kind == .onFailure { unknown = "only after a failure in its block" }
    }
    return unknown.map { .unknown($0) } ?? .runs
  }

  /// A condition as one could write it in a plan.
  package func condition(_ condition: RuntimeCondition) -> String {
    switch condition {
    case .exists(let path): "exists \"\(path)\""
    case .not(let inner): "not \(nested(inner))"
    case .all(let parts): parts.map(nested).joined(separator: " and ")
    case .any(let parts): parts.map(nested).joined(separator: " or ")
    }
  }

  private func nested(_ condition: RuntimeCondition) -> String {
    switch condition {
    case .exists, .not: self.condition(condition)
    case .all, .any: "(\(self.condition(condition)))"
    }
  }

  /// What waits for a step, in words.
  ///
  /// Joins and begins of blocks stand for what comes after them.
  package func followers(_ node: NodeID, most: Int = 5) -> String {
    let (found, count) = look(from: node, most: most) { node in graph.successors(node) }
    if count == 0 { return "nothing" }
    return list(found, count)
  }

  /// What a node waits for, in words.
  ///
  /// Joins and begins of blocks stand for what comes before them.
  package func waits(_ node: NodeID, most: Int = 5) -> String {
    let (found, count) = look(from: node, most: most) { node in graph.predecessors(node) }
    if count == 0 {
      for block in graph.blocks(around: node) {
        switch graph.template(block).kind {
        case .onFailure: return "a failure in its block"
        case .finally: return "the end of its block"
        default: break
        }
      }
      return "nothing"
    }
    return list(found, count)
  }

  /// The nearest nodes in one direction that mean something to people, and how many there are.
  ///
  /// Finds at most `most`.
  private func look(
    from node: NodeID,
    most: Int,
    _ next: (NodeID) -> ArraySlice<NodeID>
  ) -> (found: [NodeID], count: Int) {
    var found: [NodeID] = []
    var count = 0
    var seen: Set<NodeID> = []
    var stack = Array(next(node).reversed())
    while let other = stack.popLast() {
      // Two paths may lead to one node.
      if !seen.insert(other).inserted { continue }
      switch graph[other].kind {
      case .join, .blockBegin:
        // It only orders other nodes, so look further, but not without limit.
        if stack.count < 64 { stack += next(other).reversed() }
      case .blockEnd where graph.template(graph[other].block).kind == .plan: break
      case .step, .barrier, .blockEnd:
        count += 1
        if found.count < most { found.append(other) }
      }
    }
    // To name a last one takes no more room than to count it.
    if count > most { found.removeLast() }
    return (found, count)
  }

  private func list(_ found: [NodeID], _ count: Int) -> String {
    var words = found.map(name)
    if count > found.count { words.append("\(count - found.count) more") }
    return words.joined(separator: ", ")
  }

  private func name(_ node: NodeID) -> String {
    let entry = graph[node]
    switch entry.kind {
    case .barrier: return "the \(graph.items[entry.item].name)"
    case .blockEnd:
      let template = graph.template(entry.block)
      let path = graph.subjects.path(entry.subject)
      let isEntry = template.kind == .rolloutEntry
      let name = isEntry ? "the rollout" : "all of \(template.name)"
      return "\(name)\(path.isEmpty ? "" : " of \(path)")"
    default: return names.full(node)
    }
  }
}

/// Whether a step would run, as far as that is known without running anything.
package enum StepFate: Hashable, Sendable {
  /// It would, if everything before it succeeds.
  case runs
  /// It would not; the reason.
  case skipped(String)
  /// The run decides; by what.
  case unknown(String)

  /// The word for it in JSON.
  package var word: String {
    switch self {
    case .runs: "runs"
    case .skipped: "skipped"
    case .unknown: "unknown"
    }
  }

  /// Why it is not certain to run; nil if it is certain.
  package var reason: String? {
    switch self {
    case .runs: nil
    case .skipped(let reason), .unknown(let reason): reason
    }
  }
}
