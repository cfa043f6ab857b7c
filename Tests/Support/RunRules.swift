package import PlanGraph

/// What a plan requires of each of its runs, computed once for many runs.
///
/// The order comes from the naive reading of the plan, not from the graph's edges.
package struct RunRules: Sendable {
  /// A step that must have passed.
  struct Earlier: Sendable {
    var step: NodeID
    /// Whether a block around it passes for it, because that is optional or skipped.
    var mayBePassedOver: Bool
  }

  /// The rules for a step.
  struct Step: Sendable {
    var name: String
    var template: StepTemplate
    var before: [Earlier] = []
    /// The blocks that must be over: those around something before it, but not around it.
    var blocksBefore: [BlockID] = []
    /// The blocks around it, innermost first.
    var blocks: [BlockID]
    /// The innermost handler around it.
    var handler: BlockID?
    var isInHandlerOfPlan = false
    /// Whether no block around it can pass without it.
    var isNeeded = true
    /// Whether its failure fails the run, because no block around it passes or begins again.
    var isFatal = true
  }

  /// The rules for a block.
  struct Block: Sendable {
    var template: BlockTemplate
    var parent: BlockID?
    /// The steps directly inside.
    var steps: [NodeID] = []
    /// The blocks directly inside, without handlers.
    var blocks: [BlockID] = []
    /// All steps inside, at any depth, without those of its own handlers.
    var body: [NodeID] = []
    /// All steps inside, at any depth.
    var all: [NodeID] = []
    var onFailure: [BlockID] = []
    var finally: [BlockID] = []
    var isHandler: Bool
    var isInHandler = false
    /// Whether it, or a block around it, passes although it has failed.
    var mayFail: Bool
  }

  package let graph: Graph
  /// The nodes that are steps, ascending.
  let nodes: [NodeID]
  /// Nil for a node that is not a step.
  let steps: Table<NodeID, Step?>
  let blocks: Table<BlockID, Block>
  /// The steps and the blocks that take a slot of a limit.
  let limitSteps: Table<LimitID, [NodeID]>
  let limitBlocks: Table<LimitID, [BlockID]>

  /// Reads the rules.
  package init(_ graph: Graph, _ naive: NaiveReading) {
    self.graph = graph
    nodes = graph.nodes.indices.filter { graph[$0].kind == .step }
    let blocks = Self.blocks(graph, nodes)
    self.blocks = blocks
    var steps = Table<NodeID, Step?>(repeating: nil, count: graph.count)
    var nodeOfName: [String: NodeID] = [:]
    for node in nodes {
      let step = Self.step(node, graph, blocks)
      nodeOfName[step.name] = node
      steps[node] = step
    }
    for (index, name) in naive.steps.enumerated() {
      guard let later = nodeOfName[name], let step = steps[later] else { continue }
      let around = Set(step.blocks)
      var blocksBefore: Set<BlockID> = []
      for earlier in naive.mustPrecede[index].compactMap({ nodeOfName[naive.steps[$0]] }).sorted() {
        let others = (steps[earlier]?.blocks ?? []).filter { !around.contains($0) }
        blocksBefore.formUnion(others)
        let mayPass = others.contains {
          blocks[$0].template.isOptional || blocks[$0].template.condition != nil
        }
        steps[later]?.before.append(Earlier(step: earlier, mayBePassedOver: mayPass))
      }
      steps[later]?.blocksBefore = blocksBefore.sorted()
    }
    let done = steps
    self.steps = done
    limitSteps = Table(
      graph.limits.indices.map { [nodes] limit in
        nodes.filter { done[$0]?.template.limits.contains(limit) ?? false }
      }
    )
    limitBlocks = Table(
      graph.limits.indices.map { limit in
        blocks.indices.filter { blocks[$0].template.limits.contains(limit) }
      }
    )
  }

  /// The subject of a step, down to what contains nothing else.
  func leaves(of node: NodeID) -> [SubjectID] {
    let subjects = graph.subjects
    return subjects.subtree(graph[node].subject)
      .filter { subjects.subtree($0).count == 1 }
  }

  /// Whether a step brings processes up, or down; nil for any other.
  func bringsUp(_ node: NodeID) -> Bool? {
    switch steps[node]?.template.action {
    case .start: true
    case .stop, .unmonitor: false
    default: nil
    }
  }

  private static func step(_ node: NodeID, _ graph: Graph, _ blocks: Table<BlockID, Block>) -> Step
  {
    guard let template = graph.step(node) else { preconditionFailure("only steps are asked for") }
    var around: [BlockID] = []
    for block in graph.blocks(around: node) {
      around.append(block)
    }
    var step = Step(name: graph.name(node), template: template, blocks: around)
    step.handler = around.first { blocks[$0].isHandler }
    step.isInHandlerOfPlan = around.contains { block in
      blocks[block].isHandler
        && blocks[block].parent.map { blocks[$0].template.kind == .plan } ?? false
    }
    step.isNeeded =
      step.handler == nil
      && !around.contains {
        blocks[$0].template.isOptional || blocks[$0].template.condition != nil
      }
    step.isFatal =
      step.handler == nil
      && !around.contains { blocks[$0].template.isOptional || blocks[$0].template.retry != nil }
    return step
  }

  private static func blocks(_ graph: Graph, _ nodes: [NodeID]) -> Table<BlockID, Block> {
    var blocks = graph.blocks.mapValues { block in
      let template = graph.blockTemplates[block.template]
      let isHandler = template.kind == .onFailure || template.kind == .finally
      return Block(
        template: template,
        parent: block.parent == .none ? nil : block.parent,
        isHandler: isHandler,
        mayFail: template.isOptional
      )
    }
    for block in blocks.indices {
      blocks[block].onFailure = chain(graph[block].onFailure, graph)
      blocks[block].finally = chain(graph[block].finally, graph)
      guard let parent = blocks[block].parent else {
        blocks[block].isInHandler = blocks[block].isHandler
        continue
      }
      blocks[block].mayFail = blocks[block].mayFail || blocks[parent].mayFail
      blocks[block].mayFail = blocks[block].mayFail || blocks[parent].mayFail
      blocks[block].isInHandler = blocks[block].isHandler || blocks[parent].isInHandler
      if !blocks[block].isHandler { blocks[parent].blocks.append(block) }
    }
    for node in nodes {
      let innermost = graph[node].block
      if innermost != .none { blocks[innermost].steps.append(node) }
      var isOfHandler = false
      for block in graph.blocks(around: node) {
        blocks[block].all.append(node)
        if !isOfHandler { blocks[block].body.append(node) }
        isOfHandler = isOfHandler || blocks[block].isHandler
      }
    }
    return blocks
  }

  private static func chain(_ first: BlockID, _ graph: Graph) -> [BlockID] {
    var found: [BlockID] = []
    for handler in graph.handlers(from: first) {
      found.append(handler)
    }
    return found
  }
}
