package import Execution
package import PlanGraph

/// Judges the trace of a run by the rules, from what was announced, started and ended alone.
///
/// The order comes from the naive reading of the plan, not from the graph's edges.
package struct RunChecker {
  private let graph: Graph
  private let policy: RunPolicy
  private let naive: NaiveReading
  private var nodes: [String: NodeID] = [:]
  private var names: [NodeID: String] = [:]
  private var naiveIndex: [NodeID: Int] = [:]

  private enum Status { case untouched, underWay, pausing, passed, failed, cancelled }
  private var status: [NodeID: Status] = [:]
  private var attempts: [NodeID: Int] = [:]
  private var holders: Set<NodeID> = []
  private var entered: [BlockID: Int] = [:]
  private var cancellations = 0
  private var isCancelled: Bool { cancellations > 0 }
  private var isStopped = false
  private var underWay = 0

  /// What breaks a rule, in words.
  package private(set) var complaints: [String] = []

  /// Makes a judge of runs of a graph.
  package init(_ graph: Graph, _ policy: RunPolicy, _ naive: NaiveReading) {
    self.graph = graph
    self.policy = policy
    self.naive = naive
    for index in graph.nodes.indices where graph.nodes[index].kind == .step {
      let node = NodeID(UInt32(index))
      nodes[graph.name(node)] = node
      names[node] = graph.name(node)
    }
    for (index, name) in naive.steps.enumerated() {
      if let node = nodes[name] { naiveIndex[node] = index }
    }
  }

  /// Judges a whole trace.
  package mutating func judge(_ trace: [Simulator.Entry]) {
    var outcome: RunOutcome?
    for entry in trace {
      if outcome != nil { complain("something happens after the end") }
      take(entry.event)
      for action in entry.actions {
        take(action)
        if case .finish(let result) = action { outcome = result }
      }
    }
    guard let outcome else { return complain("it does not end") }
    judgeEnd(outcome)
  }

  private mutating func complain(_ words: String) {
    if complaints.count < 5 { complaints.append(words) }
  }

  private func name(_ node: NodeID) -> String { names[node] ?? "node \(node.index)" }

  // MARK: Events

  private mutating func take(_ event: Event) {
    switch event {
    case .ended(let node, let attempt, _):
      if status[node] != .underWay { complain("\(name(node)) ends without having started") }
      if attempts[node] != attempt { complain("\(name(node)) ends a wrong attempt") }
      underWay -= 1
      status[node] = .pausing
    case .cancelled: cancellations += 1
    case .began, .started, .answered, .fired, .assumed, .resumed, .halted: break
    }
  }

  // MARK: Actions

  private mutating func take(_ action: Action) {
    switch action {
    case .start(let node, let attempt): start(node, attempt)
    case .announce(.stepSucceeded(let node, _)): pass(node)
    case .announce(.stepSkipped(let node, _)): pass(node)
    case .announce(.stepFailed(let node, _, let failure, let isOptional)):
      holders.remove(node)
      if failure == .cancelled {
        status[node] = .cancelled
      } else {
        status[node] = isOptional ? .passed : .failed
        if !isOptional, policy.failureMode != .finish, isFatal(node) { isStopped = true }
      }
    case .announce(.blockRetried(let block, _, _)): reset(block)
    case .announce(.handlerEntered(let block)): entered[block, default: 0] += 1
    default: break
    }
  }

  private mutating func pass(_ node: NodeID) {
    holders.remove(node)
    status[node] = .passed
  }

  /// What stands in a block that begins again is as it was.
  private mutating func reset(_ block: BlockID) {
    for node in nodes.values where blocks(around: node).contains(block) {
      if status[node] == .underWay {
        complain("\(name(node)) runs on while its block begins again")
      }
      status[node] = .untouched
    }
  }

  private mutating func start(_ node: NodeID, _ attempt: Int) {
    if status[node] == .underWay { complain("\(name(node)) runs twice at once") }
    if attempt != (attempts[node] ?? 0) + 1 { complain("\(name(node)) skips an attempt") }
    attempts[node] = attempt
    if attempt > mostAttempts(node) { complain("\(name(node)) has too many attempts") }
    if isCancelled || isStopped, !isInHandler(node) {
      complain("\(name(node)) starts although the run is to end")
    }
    underWay += 1
    if underWay > policy.parallel { complain("\(underWay) under way at once") }
    status[node] = .underWay
    holders.insert(node)
    judgeLimits(node)
    for before in naiveIndex[node].map({ naive.mustPrecede[$0] }) ?? [] {
      guard let earlier = nodes[naive.steps[before]] else { continue }
      judgeOrder(earlier, node)
    }
  }

  private mutating func judgeOrder(_ earlier: NodeID, _ later: NodeID) {
    if status[earlier] == .passed { return }
    if status[earlier] == .underWay {
      return complain("\(name(later)) starts while \(name(earlier)) runs")
    }
    // A block around the earlier one that may fail, or be skipped, passes for it.
    let around = blocks(around: earlier).filter { !blocks(around: later).contains($0) }
    let mayPass = around.contains {
      graph.template($0).isOptional || graph.template($0).condition != nil
    }
    if !mayPass {
      complain("\(name(later)) starts before \(name(earlier)) has passed")
    }
  }

  private mutating func judgeLimits(_ node: NodeID) {
    guard let step = graph.step(node) else { return }
    for limit in step.limits {
      let count = holders.reduce(0) {
        $0 + ((graph.step($1)?.limits.contains(limit) ?? false) ? 1 : 0)
      }
      if count > graph.limits[Int(limit.index)] {
        complain("\(count) steps in a limit at \(name(node))")
      }
    }
    let block = graph[node].block
    if step.takesBlockSlot, block != .none, let slots = graph.template(block).slots {
      let inside = holders.filter {
        graph[$0].block == block && (graph.step($0)?.takesBlockSlot ?? false)
      }
      if inside.count > slots { complain("\(inside.count) steps in a block of \(slots) slots") }
    }
  }

  // MARK: The end

  private mutating func judgeEnd(_ outcome: RunOutcome) {
    if underWay != 0 { complain("\(underWay) attempts are under way at the end") }
    var hasFailed = false
    for (node, name) in names.sorted(by: { $0.key < $1.key }) where !isInHandler(node) {
      switch status[node] ?? .untouched {
      case .passed, .cancelled: break
      case .underWay, .pausing: complain("\(name) is left in the middle")
      case .failed: hasFailed = true
      case .untouched:
        if !hasReasonNotToStart(node) { complain("\(name) could have started and did not") }
      }
    }
    for index in graph.blocks.indices { judgeHandlers(BlockID(UInt32(index))) }
    if outcome == .succeeded, hasFailed, !graph.blockTemplates.contains(where: \.isOptional) {
      complain("the run succeeds although a step failed")
    }
    if case .cancelled = outcome, !isCancelled { complain("cancelled by nobody") }
    if isCancelled, outcome == .succeeded { complain("the run succeeds although it was cancelled") }
  }

  /// A block in which anything was started has its `finally`, and after a failure its `on failure`.
  private mutating func judgeHandlers(_ block: BlockID) {
    // A second request to stop spares the handlers too; one that begins again had them before.
    if cancellations > 1 || isInHandler(graph[block].begin) { return }
    let inside = names.keys.filter { graph[$0].block == block && attempts[$0] != nil }
    if inside.isEmpty { return }
    let (onFailure, finally) = (graph[block].onFailure, graph[block].finally)
    if finally != .none, entered[finally] == nil { complain("a 'finally' is not entered") }
    let hasFailed = inside.contains { status[$0] == .failed || status[$0] == .cancelled }
    if onFailure != .none, hasFailed, entered[onFailure] == nil {
      complain("an 'on failure' is not entered")
    }
    if onFailure != .none, graph.template(block).timeout == nil, !isCancelled, !hasFailed,
      policy.failureMode == .finish, entered[onFailure] != nil,
      graph.template(block).kind != .plan, graph.template(block).retry == nil,
      inside.count == names.keys.filter({ blocks(around: $0).contains(block) }).count
    {
      complain("an 'on failure' is entered without a failure")
    }
  }

  /// Whether something kept a step from starting: a failure before it, or the end of a block.
  private func hasReasonNotToStart(_ node: NodeID) -> Bool {
    if isCancelled || policy.failureMode != .finish { return true }
    let around = blocks(around: node)
    if around.contains(where: { graph.template($0).timeout != nil }) { return true }
    if around.contains(where: { graph.template($0).closesAfterFailure }) { return true }
    let before = naiveIndex[node].map { naive.mustPrecede[$0] } ?? []
    return before.contains {
      guard let earlier = nodes[naive.steps[$0]] else { return false }
      return status[earlier] != .passed
    } || handlerMayHaveFailed(before: node)
  }

  /// A failed handler fails its block although all that is in it has passed.
  private func handlerMayHaveFailed(before node: NodeID) -> Bool {
    names.keys.contains { isInHandler($0) && status[$0] != .passed && status[$0] != nil }
  }

  /// Whether a failed step is sure to fail the run: nothing around it may pass or begin again.
  private func isFatal(_ node: NodeID) -> Bool {
    !isInHandler(node)
      && !blocks(around: node).contains {
        graph.template($0).isOptional || graph.template($0).retry != nil
      }
  }

  // MARK: Blocks

  private func blocks(around node: NodeID) -> [BlockID] {
    var found: [BlockID] = []
    var block = graph[node].block
    while block != .none {
      found.append(block)
      block = graph[block].parent
    }
    return found
  }

  private func isInHandler(_ node: NodeID) -> Bool {
    blocks(around: node).contains {
      let kind = graph.template($0).kind
      return kind == .onFailure || kind == .finally
    }
  }

  private func mostAttempts(_ node: NodeID) -> Int {
    var most = (graph.step(node)?.retry?.count ?? 0) + 1
    for block in blocks(around: node) { most *= (graph.template(block).retry?.count ?? 0) + 1 }
    return most
  }
}
