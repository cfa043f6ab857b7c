package import PlanGraph

/// What may have undone the results of passed steps by the time a run is resumed.
package enum Lapse: String, Hashable, Sendable, CaseIterable {
  /// Nothing: all results still count. Old records, which do not say, count as this.
  case nothing
  /// Only time: a process may have ended since, a port may have closed.
  case time
  /// A reboot: no process is left, and nothing in memory.
  case reboot
}

/// The passed steps that a resumed run runs again, because something left to run relies on their
/// results, which may be gone.
///
/// Time may undo what `start`, `stop` and `unmonitor` did to processes, and what a `wait` saw. A
/// reboot may undo what any step did in memory, so every step that may run twice runs again. A step
/// that may not run twice never runs again.
///
/// A *turn* is a step that has started processes after the last step stopped them, or the other way
/// round. What came before a turn of the same processes was undone on purpose and does not run
/// again. A `pre-start` is the exception: it prepares the next `start` and goes with it. Turns of
/// systemd units that a plan names are counted by unit name, separately from release jobs.
package struct Renewal: Sendable {
  /// The state of a step before the round.
  package enum Standing: UInt8, Sendable {
    /// It does not run and does not count.
    case aside
    /// It must still run.
    case left
    /// It has succeeded.
    case passed
    /// It has passed without running, because a condition did not hold.
    case skipped
  }

  private let graph: Graph
  private let lapse: Lapse
  /// Whether a step runs again.
  private var isRenewed: Table<NodeID, Bool> = []
  /// Whether something that comes after the node must still run.
  private var isReliedOn: Table<NodeID, Bool> = []
  /// Whether something before the node runs again, or should have run again and has not.
  private var isBehindOpen: Table<NodeID, Bool> = []
  /// Whether something inside a block runs again.
  private var blockHasRenewed: Table<BlockID, Bool> = []
  /// Whether something before the node, passed or not, may be undone by time.
  private var isBehindUndoable: Table<NodeID, Bool> = []

  /// Whether no step runs again.
  package private(set) var isEmpty = true

  /// Finds the steps that run again.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - standings: `aside` for nodes that are not steps.
  ///   - begun: whether a step was ever started.
  ///   - lapse: what may have undone results.
  package init(
    _ graph: Graph,
    _ standings: Table<NodeID, Standing>,
    begun: Table<NodeID, Bool>,
    _ lapse: Lapse
  ) {
    self.graph = graph
    self.lapse = lapse
    if lapse == .nothing { return }
    isRenewed = Table(repeating: false, count: graph.count)
    isReliedOn = isRenewed
    var marks = RenewalMarks(graph, begun)
    for node in graph.nodes.indices.reversed() { look(node, standings, &marks) }
    lookBehind(standings)
  }

  /// Whether a step runs again.
  package subscript(_ node: NodeID) -> Bool { !isEmpty && isRenewed[node] }

  /// Whether something inside a block, handlers included, runs again.
  func isInside(_ block: BlockID) -> Bool { !isEmpty && blockHasRenewed[block] }

  /// Whether a running step must end before the run continues.
  ///
  /// It may rely on something that runs again, and would otherwise be started again before that.
  func mustAwait(_ node: NodeID) -> Bool {
    switch lapse {
    case .nothing: false
    case .time: isBehindUndoable[node]
    // Nothing runs any more.
    case .reboot: true
    }
  }

  /// Whether a node is between something that runs again and something that must still run.
  ///
  /// A step that should have run again earlier, and did not, must still run. So something after it
  /// may have passed.
  func isBetween(_ node: NodeID) -> Bool {
    !isBehindOpen.isEmpty && isBehindOpen[node] && isReliedOn[node]
  }

  // MARK: From the end

  private mutating func look(
    _ node: NodeID,
    _ standings: Table<NodeID, Standing>,
    _ marks: inout RenewalMarks
  ) {
    var isReliedOn = graph.successors(node).contains { next in
      self.isReliedOn[next] || standings[next] == .left
    }
    let entry = graph[node]
    if entry.kind == .blockEnd {
      let block = graph[entry.block]
      // No edge leads from a handler to the end of its block.
      if block.parent != .none, graph.template(entry.block).kind.isHandler {
        isReliedOn = isReliedOn || self.isReliedOn[graph[block.parent].end]
      }
    }
    self.isReliedOn[node] = isReliedOn
    guard entry.kind == .step else { return }
    let step = graph.steps[entry.template]
    let isLost = isReliedOn && mayBeUndone(node, step, standings[node], marks)
    if isLost {
      isRenewed[node] = true
      isEmpty = false
    }
    if step.action == .start, isLost || standings[node] == .left {
      marks.starts.mark(entry.subject, node, graph.subjects)
    }
  }

  private func mayBeUndone(
    _ node: NodeID,
    _ step: StepTemplate,
    _ standing: Standing,
    _ marks: RenewalMarks
  ) -> Bool {
    switch standing {
    case .aside, .left: return false
    case .skipped: if lapse != .reboot { return false }
    case .passed: if !step.isIdempotent { return false }
    }
    let subject = graph[node].subject
    let isBeforeTurn = marks.lastTurn(of: step.action, on: subject, graph).isAfter(node)
    if step.action == .script("pre-start") {
      return lapse == .reboot
        && (!isBeforeTurn || marks.starts.last(overlapping: subject, graph.subjects) != nil)
    }
    if isBeforeTurn { return false }
    switch step.action {
    case .start, .startUnits, .stop, .stopUnits, .unmonitor, .wait(.tcp), .wait(.file): return true
    case .wait(.command):
      // Time does not undo it: steps have started since because of its answer. The command may even
      // ask for the opposite of their result.
      return lapse == .reboot
        || !marks.changes.last(overlapping: subject, graph.subjects).isAfter(node)
    case .script, .run, .drain: return lapse == .reboot
    }
  }

  // MARK: From the beginning

  private mutating func lookBehind(_ standings: Table<NodeID, Standing>) {
    blockHasRenewed = Table(repeating: false, count: graph.blocks.count)
    isBehindOpen = Table(repeating: false, count: graph.count)
    isBehindUndoable = isBehindOpen
    var blockHasUndoable = blockHasRenewed
    for node in graph.nodes.indices {
      var isBehind = graph.predecessors(node).contains {
        isRenewed[$0] || isBehindOpen[$0]
          || standings[$0] == .left && graph[$0].kind == .step
      }
      var isBehindUndoable = graph.predecessors(node).contains {
        self.isBehindUndoable[$0] || isUndoableByTime($0)
      }
      let entry = graph[node]
      if entry.kind == .blockEnd {
        isBehind = isBehind || blockHasRenewed[entry.block]
        isBehindUndoable = isBehindUndoable || blockHasUndoable[entry.block]
      }
      isBehindOpen[node] = isBehind
      self.isBehindUndoable[node] = isBehindUndoable
      if isUndoableByTime(node) { mark(entry.block, &blockHasUndoable) }
      if isRenewed[node] { mark(entry.block, &blockHasRenewed) }
    }
  }
}

extension Renewal {
  /// Marks a block and the blocks around it.
  private func mark(_ block: BlockID, _ marks: inout Table<BlockID, Bool>) {
    for block in graph.blocks(from: block) {
      if marks[block] { return }
      marks[block] = true
    }
  }

  private func isUndoableByTime(_ node: NodeID) -> Bool {
    switch graph.step(node)?.action {
    case .start, .startUnits, .stop, .stopUnits, .unmonitor, .wait: true
    case .script, .run, .drain, nil: false
    }
  }
}
