import Execution
import Machine
import PlanGraph
import Reports

/// What a run had done, seen from a plan that has changed since.
///
/// A step that is the same and succeeded is taken for done, unless a handler of a block around it has
/// run: then all of the block runs again, as when a run is resumed without changes.
struct ChangedPlan {
  /// Steps of today that are passed over.
  private(set) var passedOver: [NodeID: RunPolicy.PassOver] = [:]
  /// Steps of today that may not be started a second time and have been started before, of which
  /// nothing that is the same succeeded.
  private(set) var doubtful: [NodeID] = []
  /// Starts of the earlier run that were not seen to end.
  private(set) var starts: [(name: String, start: RecordedStart)] = []

  /// Compares.
  ///
  /// - Parameters:
  ///   - contents: the journal of the run.
  ///   - changes: between its plan and today's.
  ///   - graph: of today.
  /// - Throws: where the journal cannot be read.
  init(
    _ contents: JournalContents,
    _ changes: PlanChanges,
    _ graph: Graph
  ) throws(JournalContents.Unreadable) {
    var succeeded: Set<NodeID> = []
    var started: [NodeID: RecordedStart] = [:]
    var everStarted: Set<NodeID> = []
    let sessions = contents.sessions
    try contents.forEachEvent(nil) { entry, session in
      switch entry.event {
      case .started(let node, _, let process):
        everStarted.insert(node)
        started[node] = RecordedStart(
          boot: sessions[session].boot,
          asked: entry.moment,
          process: process.map { RecordedStart.Process($0, recorded: entry.moment) }
        )
      case .ended(let node, _, let result):
        started[node] = nil
        if result == .exited(0) { succeeded.insert(node) } else { succeeded.remove(node) }
      case .assumed(let node, .done): succeeded.insert(node)
      default: break
      }
    }
    let names = Dictionary(contents.header.steps.map { ($0.node, $0.name) }) { first, _ in first }
    starts = started.sorted { $0.key < $1.key }.map { (names[$0.key] ?? "", $0.value) }
    let again = Self.restartedBlocks(graph, changes, everStarted)
    for (old, new) in changes.same where succeeded.contains(old) {
      if !Self.isInside(new, again, graph) { passedOver[new] = .succeededBefore }
    }
    let numbers = Dictionary(contents.header.steps.map { ($0.name, $0.node) }) { first, _ in first }
    for index in graph.nodes.indices where graph.nodes[index].kind == .step {
      let node = NodeID(UInt32(index))
      guard let old = numbers[graph.name(node)] else { continue }
      if contents.header.policy.passedOver[old] == .notChosen { passedOver[node] = .notChosen }
      let isSpent = everStarted.contains(old) && graph.step(node)?.isIdempotent == false
      if isSpent, passedOver[node] == nil, !Self.isInHandlerOfPlan(node, graph) {
        doubtful.append(node)
      }
    }
  }

  /// Hears what a person says of a doubtful step.
  mutating func assume(_ node: NodeID, _ assumption: Assumption) {
    doubtful.removeAll { $0 == node }
    if assumption == .done { passedOver[node] = .succeededBefore }
  }

  /// Blocks of which a handler has run, the plan's own excepted.
  private static func restartedBlocks(
    _ graph: Graph,
    _ changes: PlanChanges,
    _ started: Set<NodeID>
  ) -> Set<BlockID> {
    var result: Set<BlockID> = []
    for (old, new) in changes.same where started.contains(old) {
      var block = graph[new].block
      while block != .none {
        let parent = graph[block].parent
        if isHandler(block, graph), parent != .none, graph.template(parent).kind != .plan {
          result.insert(parent)
        }
        block = parent
      }
    }
    return result
  }

  private static func isHandler(_ block: BlockID, _ graph: Graph) -> Bool {
    let kind = graph.template(block).kind
    return kind == .onFailure || kind == .finally
  }

  private static func isInside(_ node: NodeID, _ blocks: Set<BlockID>, _ graph: Graph) -> Bool {
    var block = graph[node].block
    while block != .none {
      if blocks.contains(block) || isHandler(block, graph) { return true }
      block = graph[block].parent
    }
    return false
  }

  private static func isInHandlerOfPlan(_ node: NodeID, _ graph: Graph) -> Bool {
    var block = graph[node].block
    while block != .none {
      let parent = graph[block].parent
      if isHandler(block, graph), parent != .none, graph.template(parent).kind == .plan {
        return true
      }
      block = parent
    }
    return false
  }
}
