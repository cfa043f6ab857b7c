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
  /// By node: whether the step is asked again.
  private var isRenewed: [Bool] = []
  /// By node: whether something is left behind it.
  private var isReliedOn: [Bool] = []
  /// By node: whether something comes before it that is asked again, or was to be and is left.
  private var isBehindOpen: [Bool] = []
  /// By block: whether something inside is asked again.
  private var blockHasRenewed: [Bool] = []
  /// By node: whether something comes before it that time may undo, passed or not.
  private var isBehindUndoable: [Bool] = []

  /// Whether nothing is asked again.
  package private(set) var isEmpty = true

  /// Finds out.
  ///
  /// - Parameters:
  ///   - graph: of the plan.
  ///   - standings: by node; `aside` for what is no step.
  ///   - begun: by node, whether anything of the step was ever started.
  ///   - lapse: what may have undone things.
  package init(_ graph: Graph, _ standings: [Standing], begun: [Bool], _ lapse: Lapse) {
    self.graph = graph
    self.lapse = lapse
    if lapse == .nothing { return }
    isRenewed = Array(repeating: false, count: graph.count)
    isReliedOn = isRenewed
    var marks = RenewalMarks(graph, begun)
    for index in graph.nodes.indices.reversed() { look(index, standings, &marks) }
    lookBehind(standings)
  }

  /// Whether a step is asked again.
  package subscript(_ node: NodeID) -> Bool { !isEmpty && isRenewed[Int(node.index)] }

  /// Whether something that is asked again stands in a block, handlers included.
  func isInside(_ block: BlockID) -> Bool { !isEmpty && blockHasRenewed[Int(block.index)] }

  /// Whether a step that is under way has to be over before the run goes on, as it may rely on something
  /// that is asked again, and would be started again without that.
  func mustAwait(_ node: NodeID) -> Bool {
    switch lapse {
    case .nothing: false
    case .time: isBehindUndoable[Int(node.index)]
    // Nothing is under way any more.
    case .reboot: true
    }
  }

  /// Whether a node stands between something that is asked again and something that is left.
  ///
  /// What was to be asked again before, and never was, is left; so something may have passed behind it.
  func isBetween(_ node: NodeID) -> Bool {
    !isBehindOpen.isEmpty && isBehindOpen[Int(node.index)] && isReliedOn[Int(node.index)]
  }

  // MARK: From the end

  private mutating func look(_ index: Int, _ standings: [Standing], _ marks: inout RenewalMarks) {
    let node = NodeID(UInt32(index))
    var isReliedOn = graph.successors(node).contains { next in
      self.isReliedOn[Int(next)] || standings[Int(next)] == .left
    }
    let entry = graph.nodes[index]
    if entry.kind == .blockEnd {
      let block = graph[BlockID(entry.payload)]
      // No edge leads from a handler to the end of what it belongs to.
      if block.parent != .none, isHandler(BlockID(entry.payload)) {
        isReliedOn = isReliedOn || self.isReliedOn[Int(graph[block.parent].end.index)]
      }
    }
    self.isReliedOn[index] = isReliedOn
    guard entry.kind == .step else { return }
    let step = graph.steps[Int(entry.payload)]
    let isLost = isReliedOn && mayBeUndone(node, step, standings[index], marks)
    if isLost {
      isRenewed[index] = true
      isEmpty = false
    }
    if step.action == .start, isLost || standings[index] == .left {
      marks.starts.mark(entry.subject, index, graph.subjects)
    }
  }

  private func isHandler(_ block: BlockID) -> Bool {
    let kind = graph.template(block).kind
    return kind == .onFailure || kind == .finally
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
    let isBeforeTurn = marks.lastTurn(of: step.action, on: subject, graph) > Int(node.index)
    if step.action == .script("pre-start") {
      return lapse == .reboot
        && (!isBeforeTurn || marks.starts.last(overlapping: subject, graph.subjects) >= 0)
    }
    if isBeforeTurn { return false }
    switch step.action {
    case .start, .startUnits, .stop, .stopUnits, .unmonitor, .wait(.tcp), .wait(.file): return true
    case .wait(.command):
      // Time does not undo that it led to what has begun since; it may well ask for the opposite.
      return lapse == .reboot
        || marks.changes.last(overlapping: subject, graph.subjects) < Int(node.index)
    case .script, .run, .drain: return lapse == .reboot
    }
  }

  // MARK: From the beginning

  private mutating func lookBehind(_ standings: [Standing]) {
    blockHasRenewed = Array(repeating: false, count: graph.blocks.count)
    isBehindOpen = Array(repeating: false, count: graph.count)
    isBehindUndoable = isBehindOpen
    var blockHasUndoable = blockHasRenewed
    for index in graph.nodes.indices {
      let node = NodeID(UInt32(index))
      var isBehind = graph.predecessors(node).contains {
        isRenewed[Int($0)] || isBehindOpen[Int($0)]
          || standings[Int($0)] == .left && graph.nodes[Int($0)].kind == .step
      }
      var isBehindUndoable = graph.predecessors(node).contains {
        self.isBehindUndoable[Int($0)] || isUndoableByTime(NodeID($0))
      }
      let entry = graph.nodes[index]
      if entry.kind == .blockEnd {
        isBehind = isBehind || blockHasRenewed[Int(entry.payload)]
        isBehindUndoable = isBehindUndoable || blockHasUndoable[Int(entry.payload)]
      }
      isBehindOpen[index] = isBehind
      self.isBehindUndoable[index] = isBehindUndoable
      if isUndoableByTime(node) { mark(entry.block, &blockHasUndoable) }
      if isRenewed[index] { mark(entry.block, &blockHasRenewed) }
    }
  }
}

extension Renewal {
  /// Marks a block and those around it.
  private func mark(_ block: BlockID, _ marks: inout [Bool]) {
    var block = block
    while block != .none, !marks[Int(block.index)] {
      marks[Int(block.index)] = true
      block = graph[block].parent
    }
  }

  private func isUndoableByTime(_ node: NodeID) -> Bool {
    switch graph.step(node)?.action {
    case .start, .startUnits, .stop, .stopUnits, .unmonitor, .wait: true
    case .script, .run, .drain, nil: false
    }
  }
}
