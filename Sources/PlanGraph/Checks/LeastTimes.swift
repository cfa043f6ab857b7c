import PlanLanguage
import Words

/// The least time that each block takes if nothing fails, to find timeouts that cannot be met.
///
/// Only certain time counts: on the longest path, the `settle` of each `start` that is neither
/// optional nor conditional. A block that is optional or conditional counts as zero. No timeout
/// around handlers covers them. A process must be seen before its time counts, so a block always
/// takes longer than the time found here.
struct LeastTimes {
  private let graph: Graph
  /// When a node has ended at the earliest, counted from the begin of the block around it.
  private var ends: Table<NodeID, Duration> = []
  /// The node before a node on the longest path; for the end of a block, the last node inside it.
  ///
  /// Nil for none.
  private var via: Table<NodeID, NodeID?> = []
  /// For each block template whose timeout cannot be met: the block that takes longest.
  private var tooShort: [BlockTemplateID: TooShort] = [:]

  private struct TooShort {
    var block: BlockID
    var least: Duration
    /// The last node of its longest path.
    var last: NodeID
  }

  private struct Frame {
    var block = BlockID.none
    var begin = NodeID(0)
    /// When it begins, counted in the block around it.
    var start = Duration.zero
    var body = Duration.zero
    var last: NodeID?
  }

  /// Checks a graph in one pass, if there is anything to find.
  init(_ graph: Graph) {
    self.graph = graph
    guard graph.blockTemplates.contains(where: { $0.timeout != nil }),
      graph.steps.contains(where: { Self.least($0) > .zero })
    else { return }
    ends = Table(repeating: .zero, count: graph.count)
    via = Table(repeating: nil, count: graph.count)
    look()
  }

  private mutating func look() {
    var frames = [Frame()]
    for node in graph.nodes.indices {
      let entry = graph[node]
      let frame = frames[frames.count - 1]
      if entry.kind == .blockEnd {
        frames.removeLast()
        close(frame, at: node, in: &frames[frames.count - 1])
        continue
      }
      var begin = Duration.zero
      for before in graph.predecessors(node)
      where before >= frame.begin && ends[before] >= begin {
        begin = ends[before]
        via[node] = before
      }
      switch entry.kind {
      case .blockBegin:
        frames.append(Frame(block: entry.block, begin: node, start: begin))
        continue
      case .step: begin += Self.least(graph.steps[entry.template])
      case .barrier, .join, .blockEnd: break
      }
      add(node, begin, to: &frames[frames.count - 1])
    }
  }

  private mutating func add(_ node: NodeID, _ end: Duration, to frame: inout Frame) {
    ends[node] = end
    if end > frame.body { (frame.body, frame.last) = (end, node) }
  }

  private mutating func close(_ frame: Frame, at end: NodeID, in outer: inout Frame) {
    let template = graph.template(frame.block)
    if let timeout = template.timeout, template.skipReason == nil, let last = frame.last,
      timeout <= frame.body
    {
      let id = graph[frame.block].template
      if tooShort[id].map({ $0.least < frame.body }) ?? true {
        tooShort[id] = TooShort(block: frame.block, least: frame.body, last: last)
      }
    }
    if template.kind.isHandler { return }
    let isCertain =
      template.skipReason == nil && template.condition == nil && !template.isOptional
    via[end] = isCertain ? frame.last ?? frame.begin : frame.begin
    add(end, frame.start + (isCertain ? frame.body : .zero), to: &outer)
  }

  /// The least time that a step takes to succeed.
  private static func least(_ step: StepTemplate) -> Duration {
    step.action.isStart && step.skipReason == nil && step.condition == nil && !step.isOptional
      ? step.settle : .zero
  }

  /// Reports each block whose timeout cannot be met, once for all of its subjects.
  ///
  /// - Parameters:
  ///   - timeouts: the locations of the timeouts.
  ///   - sink: takes the findings.
  func report(_ timeouts: [BlockTemplateID: Location], to sink: DiagnosticSink) {
    for (id, found) in tooShort.sorted(by: { $0.key < $1.key }) {
      let template = graph.blockTemplates[id]
      let timeout = template.timeout ?? .zero
      let steps = longestWay(found)
      var notes: [Diagnostic.Note] = []
      let most = 3
      for (step, count) in steps.prefix(most) {
        let each = count > 1 ? ", \(count) times one after another" : ""
        notes.append(
          Diagnostic.Note(
            "processes must run for \(step.settle.planText) here, because of 'settle'\(each)",
            at: step.location
          )
        )
      }
      if steps.count > most { notes.append(Diagnostic.Note("and \(steps.count - most) more")) }
      sink.report(
        .timeoutTooShort,
        at: timeouts[id] ?? template.location,
        "this timeout of \(timeout.planText) cannot be met: what it covers takes more than "
          + "\(found.least.planText)",
        notes: notes
      )
    }
  }

  /// The steps that take time on the longest path through a block, in order, and how often each
  /// occurs.
  private func longestWay(_ found: TooShort) -> [(step: StepTemplate, count: Int)] {
    var counts: [StepTemplateID: Int] = [:]
    var order: [StepTemplateID] = []
    let begin = graph[found.block].begin
    var last: NodeID? = found.last
    while let node = last, node > begin {
      let entry = graph[node]
      if entry.kind == .step, Self.least(graph.steps[entry.template]) > .zero {
        if counts[entry.template] == nil { order.append(entry.template) }
        counts[entry.template, default: 0] += 1
      }
      last = via[node]
    }
    return order.reversed().map { (graph.steps[$0], counts[$0] ?? 1) }
  }
}
