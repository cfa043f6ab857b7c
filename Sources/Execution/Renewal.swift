package import PlanGraph

/// What may have undone, by the time a run goes on, what had passed in it.
package enum Lapse: String, Hashable, Sendable, CaseIterable {
  /// Nothing: whatever has passed counts. Records of before this was asked say no more.
  case nothing
  /// Time alone: a process may have ended since, a port may be closed.
  case time
  /// A reboot: no process is left, and nothing that memory held.
  case reboot
}

/// Which steps that have passed are asked again when a run goes on, because something that is left to
/// run relies on what they brought about, and that may be gone.
///
/// Time may undo what `start`, `stop` and `unmonitor` did to processes, and what a `wait` saw. A reboot
/// may undo what any step did in memory: then everything is asked again that may run twice. A step that
/// may not is never asked.
///
/// A *turn* is a step that has begun to bring processes up where the last step before had brought them
/// down, or the other way round. What came before a turn of the same processes was undone on purpose and
/// is not asked again. A `pre-start` is the exception: it prepares the next `start`, and goes with that.
/// The systemd units that a plan names turn by their names, apart from release jobs.
package struct Renewal: Sendable {
  /// What there is to know of a step.
  package enum Standing: UInt8, Sendable {
    /// It neither runs nor counts.
    case aside
    /// It is still to run.
    case left
    /// It has succeeded.
    case passed
    /// It has passed without running, as a condition did not hold.
    case skipped
  }

  private let graph: Graph
  private let lapse: Lapse
  /// Whether the step is asked again.
  private var isRenewed: Table<NodeID, Bool> = []
  /// Whether something is left behind it.
  private var isReliedOn: Table<NodeID, Bool> = []
  /// Whether something comes before it that is asked again, or was to be and is left.
  private var isBehindOpen: Table<NodeID, Bool> = []
  /// Whether something inside is asked again.
  private var blockHasRenewed: Table<BlockID, Bool> = []
  /// Whether something comes before it that time may undo, passed or not.
  private var isBehindUndoable: Table<NodeID, Bool> = []

  /// Whether nothing is asked again.
  package private(set) var isEmpty = true

  /// Finds out.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - standings: `aside` for what is no step.
  ///   - begun: whether anything of the step was ever started.
  ///   - lapse: what may have undone things.
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

  /// Whether a step is asked again.
  package subscript(_ node: NodeID) -> Bool { !isEmpty && isRenewed[node] }

  /// Whether something that is asked again stands in a block, handlers included.
  func isInside(_ block: BlockID) -> Bool { !isEmpty && blockHasRenewed[block] }

  /// Whether a step that is under way has to be over before the run goes on, as it may rely on something
  /// that is asked again, and would be started again without that.
  func mustAwait(_ node: NodeID) -> Bool {
    switch lapse {
    case .nothing: false
    case .time: isBehindUndoable[node]
    // Nothing is under way any more.
    case .reboot: true
    }
  }

  /// Whether a node stands between something that is asked again and something that is left.
  ///
  /// What was to be asked again before, and never was, is left; so something may have passed behind it.
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
      // No edge leads from a handler to the end of what it belongs to.
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
      // Time does not undo that it led to what has begun since; it may well ask for the opposite.
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
  /// Marks a block and those around it.
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
