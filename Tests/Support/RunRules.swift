package import PlanGraph

/// What a plan asks of every run of it, looked up once for a great many runs.
///
/// The order comes from the naive reading of the plan, not from the graph's edges.
package struct RunRules: Sendable {
  /// A step that has to have passed.
  struct Earlier: Sendable {
    var step: Int
    /// Whether a block around it passes for it, being optional or skipped.
    var mayBePassedOver: Bool
  }

  /// What holds for a step.
  struct Step: Sendable {
    var name: String
    var template: StepTemplate
    var before: [Earlier] = []
    /// The blocks that have to be over: around something before it, and not around itself.
    var blocksBefore: [Int] = []
    /// The blocks around it, innermost first.
    var blocks: [Int]
    /// The innermost handler around it.
    var handler: Int?
    var isInHandlerOfPlan = false
    /// Whether nothing around it may pass without it.
    var isNeeded = true
    /// Whether its failure is one of the run: nothing around it passes or begins again.
    var isFatal = true
  }

  /// What holds for a block.
  struct Block: Sendable {
    var template: BlockTemplate
    var parent: Int?
    /// The steps directly inside.
    var steps: [Int] = []
    /// The blocks directly inside, handlers left out.
    var blocks: [Int] = []
    /// All steps inside, at any depth, those of its own handlers left out.
    var body: [Int] = []
    /// All steps inside, at any depth.
    var all: [Int] = []
    var onFailure: [Int] = []
    var finally: [Int] = []
    var isHandler: Bool
    var isInHandler = false
    /// Whether it, or one around it, passes although it has failed.
    var mayFail: Bool
  }

  package let graph: Graph
  /// The nodes that are steps, ascending.
  let nodes: [Int]
  /// By node; nil for what is no step.
  let steps: [Step?]
  let blocks: [Block]
  /// By limit: the steps and the blocks that take a slot of it.
  let limitSteps: [[Int]]
  let limitBlocks: [[Int]]

  /// Reads the rules.
  package init(_ graph: Graph, _ naive: NaiveReading) {
    self.graph = graph
    nodes = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }
    let blocks = Self.blocks(graph, nodes)
    self.blocks = blocks
    var steps = [Step?](repeating: nil, count: graph.count)
    var nodeOfName: [String: Int] = [:]
    for node in nodes {
      let step = Self.step(NodeID(UInt32(node)), graph, blocks)
      nodeOfName[step.name] = node
      steps[node] = step
    }
    for (index, name) in naive.steps.enumerated() {
      guard let later = nodeOfName[name], let step = steps[later] else { continue }
      let around = Set(step.blocks)
      var blocksBefore: Set<Int> = []
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
    limitSteps = graph.limits.indices.map { [nodes] limit in
      nodes.filter { done[$0]?.template.limits.contains(LimitID(UInt32(limit))) ?? false }
    }
    limitBlocks = graph.limits.indices.map { limit in
      blocks.indices.filter { blocks[$0].template.limits.contains(LimitID(UInt32(limit))) }
    }
  }

  /// What a step is about, down to what holds nothing else.
  func leaves(of node: Int) -> [UInt32] {
    let subjects = graph.subjects
    return subjects.subtree(graph.nodes[node].subject)
      .filter { subjects.subtree(SubjectID($0)).count == 1 }
  }

  /// Whether a step brings processes up, or down; nil for any other.
  func bringsUp(_ node: Int) -> Bool? {
    switch steps[node]?.template.action {
    case .start: true
    case .stop, .unmonitor: false
    default: nil
    }
  }

  private static func step(_ node: NodeID, _ graph: Graph, _ blocks: [Block]) -> Step {
    guard let template = graph.step(node) else { preconditionFailure("only steps are asked for") }
    var around: [Int] = []
    var block = graph[node].block
    while block != .none {
      around.append(Int(block.index))
      block = graph[block].parent
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

  private static func blocks(_ graph: Graph, _ nodes: [Int]) -> [Block] {
    var blocks = graph.blocks.map { block in
      let template = graph.blockTemplates[Int(block.template.index)]
      let isHandler = template.kind == .onFailure || template.kind == .finally
      return Block(
        template: template,
        parent: block.parent == .none ? nil : Int(block.parent.index),
        isHandler: isHandler,
        mayFail: template.isOptional
      )
    }
    for index in blocks.indices {
      blocks[index].onFailure = chain(graph.blocks[index].onFailure, graph)
      blocks[index].finally = chain(graph.blocks[index].finally, graph)
      guard let parent = blocks[index].parent else {
        blocks[index].isInHandler = blocks[index].isHandler
        continue
      }
      blocks[index].mayFail = blocks[index].mayFail || blocks[parent].mayFail
      blocks[index].mayFail = blocks[index].mayFail || blocks[parent].mayFail
      blocks[index].isInHandler = blocks[index].isHandler || blocks[parent].isInHandler
      if !blocks[index].isHandler { blocks[parent].blocks.append(index) }
    }
    for node in nodes {
      var block = graph.nodes[node].block
      if block != .none { blocks[Int(block.index)].steps.append(node) }
      var isOfHandler = false
      while block != .none {
        let index = Int(block.index)
        blocks[index].all.append(node)
        if !isOfHandler { blocks[index].body.append(node) }
        isOfHandler = isOfHandler || blocks[index].isHandler
        block = graph[block].parent
      }
    }
    return blocks
  }

  private static func chain(_ first: BlockID, _ graph: Graph) -> [Int] {
    var found: [Int] = []
    var handler = first
    while handler != .none {
      found.append(Int(handler.index))
      handler = graph[handler].next
    }
    return found
  }
}
