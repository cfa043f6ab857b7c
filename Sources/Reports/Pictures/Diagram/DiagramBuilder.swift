import PlanGraph
import PlanLanguage
import Words

/// Makes boxes and links from a graph's nodes and edges.
struct DiagramBuilder {
  private(set) var boxes: [Diagram.Box] = []
  private(set) var links: [Diagram.Link] = []
  /// Whether an order could not be drawn.
  private(set) var hidesOrder = false
  private let graph: Graph
  private let fold: Diagram.Fold
  private let names: NodeNames
  private let words: StepWords

  /// What nodes have in common that are drawn as one box.
  private struct Key: Hashable {
    var item: ItemID
    var subject: SubjectID
    var isBarrier: Bool
    /// The location of the handler that they are in; nil for none.
    var handler: Location?
  }

  init(_ graph: Graph, _ fold: Diagram.Fold) {
    self.graph = graph
    self.fold = fold
    names = NodeNames(graph)
    words = StepWords(graph)
  }

  mutating func build() {
    let before = predecessors()
    var boxOf = Table<NodeID, Int>(repeating: -1, count: graph.count)
    var known: [Key: Int] = [:]
    for node in graph.nodes.indices where before[node].isShown {
      let key = key(node)
      if let key, let box = known[key] {
        boxes[box].nodes.append(node)
        boxOf[node] = box
        continue
      }
      if let key { known[key] = boxes.count }
      boxOf[node] = boxes.count
      boxes.append(box(node, key))
    }
    var seen: Set<Diagram.Link> = []
    for node in graph.nodes.indices where before[node].isShown {
      let to = boxOf[node]
      for (other, isHandler) in before[node].others {
        let from = boxOf[other]
        // Equal: within one box. A link from a larger box cannot be drawn from left to right.
        if from == to || from > to && fold != .phase { continue }
        let link = Diagram.Link(from: from, to: to, isHandler: isHandler)
        if seen.insert(link).inserted { links.append(link) }
      }
    }
    if fold != .none { for index in boxes.indices { describeGroup(index) } }
    if fold == .phase { (boxes, links, hidesOrder) = DiagramPhases.ordered(graph, boxes, links) }
  }

  // MARK: Order

  private struct Before {
    var isShown = true
    /// Ascending, without duplicates.
    var others: [(NodeID, isHandler: Bool)] = []
  }

  /// What each drawn node waits for; nodes that are not drawn stand for what they wait for.
  private func predecessors() -> Table<NodeID, Before> {
    var result = Table<NodeID, Before>(repeating: Before(), count: graph.count)
    let extra = handlerEdges()
    for node in graph.nodes.indices {
      var others: [NodeID: Bool] = [:]
      func add(_ other: NodeID, _ isHandler: Bool) {
        if result[other].isShown {
          others[other] = (others[other] ?? true) && isHandler
        } else {
          for (further, wasHandler) in result[other].others {
            others[further] = (others[further] ?? true) && (isHandler || wasHandler)
          }
        }
      }
      for other in graph.predecessors(node) { add(other, false) }
      for other in extra.into[node] ?? [] { add(other, true) }
      result[node].others = others.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
      switch graph[node].kind {
      case .step, .barrier: break
      case .join, .blockBegin, .blockEnd:
        let after = graph.successors(node).count + (extra.count[node] ?? 0)
        // Left out where that adds no line.
        if others.count <= 1 || after <= 1 { result[node].isShown = false }
      }
    }
    return result
  }

  /// The links into handlers and back; they are not edges of the graph.
  private func handlerEdges() -> (into: [NodeID: [NodeID]], count: [NodeID: Int]) {
    var into: [NodeID: [NodeID]] = [:]
    var count: [NodeID: Int] = [:]
    func add(_ from: NodeID, _ to: NodeID) {
      into[to, default: []].append(from)
      count[from, default: 0] += 1
    }
    for block in graph.blocks {
      var last = graph.predecessors(block.end)
      for first in [block.onFailure, block.finally] {
        for handler in graph.handlers(from: first) {
          for from in last { add(from, graph[handler].begin) }
          last = [graph[handler].end]
        }
      }
      if block.onFailure != .none || block.finally != .none {
        for from in last { add(from, block.end) }
      }
    }
    return (into, count)
  }

  // MARK: Boxes

  /// What a node shares with others; nil for a node with a box of its own.
  private func key(_ node: NodeID) -> Key? {
    let level: Scope
    switch fold {
    case .none: return nil
    case .instance: level = .instance
    case .deploymentJob: level = .deploymentJob
    case .phase: level = .deployment
    }
    let entry = graph[node]
    let subject = graph.subjects.ancestor(of: entry.subject, at: level) ?? entry.subject
    switch entry.kind {
    case .step, .barrier: break
    case .join, .blockBegin, .blockEnd:
      if graph.subjects.scope(entry.subject) > level || fold == .phase { return nil }
    }
    return Key(
      item: graph.item(node),
      subject: subject,
      isBarrier: entry.kind == .barrier,
      handler: handler(entry.block)
    )
  }

  private func handler(_ block: BlockID) -> Location? {
    graph.blocks(from: block).first { graph.template($0).kind.isHandler }
      .map { graph.template($0).location }
  }

  private func box(_ node: NodeID, _ key: Key?) -> Diagram.Box {
    let entry = graph[node]
    var box = Diagram.Box(
      kind: .join,
      title: "",
      note: "",
      subject: key?.subject ?? entry.subject,
      item: graph.item(node),
      block: entry.block,
      nodes: [node],
      isHandler: handler(entry.block) != nil
    )
    switch entry.kind {
    case .barrier:
      box.kind = .barrier
      box.title = graph.items[entry.item].name
    case .step:
      box.kind = .step
      let step = graph.steps[entry.template]
      let statement = names.phase(node)
      let own = statement.firstIndex(of: "#").map {
        String(statement[statement.index(after: $0)...])
      }
      if graph.subjects.scope(entry.subject) == .releaseJob {
        box.title = graph.subjects.name(entry.subject)
        box.note = own ?? ""
      } else {
        box.title = own ?? step.name
      }
      // A rollout has several phases below its heading.
      let item = graph.items[box.item]
      if item.rollout != nil {
        box.note = box.note.isEmpty ? item.name : "\(item.name) · \(box.note)"
      }
      let short = short(step)
      if !short.isEmpty { box.note += (box.note.isEmpty ? "" : " · ") + short }
    case .join, .blockBegin, .blockEnd: break
    }
    return box
  }

  /// The rules of a step, in a few signs.
  private func short(_ step: StepTemplate) -> String {
    var words: [String] = []
    if let retry = step.retry { words.append("↻ \(retry.count)") }
    if let timeout = step.timeout { words.append("≤ \(timeout.forPeople)") }
    if step.isOptional { words.append("optional") }
    if step.condition != nil { words.append("if …") }
    return words.joined(separator: " · ")
  }

  private mutating func describeGroup(_ index: Int) {
    let steps = boxes[index].nodes.reduce(0) { $0 + (graph[$1].kind == .step ? 1 : 0) }
    if boxes[index].kind == .barrier { return }
    if steps == 0 {
      boxes[index].kind = .join
      return
    }
    boxes[index].kind = .group
    let path = graph.subjects.path(boxes[index].subject)
    let block = boxes[index].block
    boxes[index].title =
      boxes[index].isHandler
      ? "\(graph.template(block).name)" : graph.items[boxes[index].item].name
    boxes[index].note = "\(path.isEmpty ? "" : path + " · ")\(counted(steps, "step"))"
  }
}
