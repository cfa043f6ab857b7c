import PlanLanguage
import Words

/// The least time that each block takes where all goes well, for finding timeouts that cannot be met.
///
/// Only what is certain counts: along the longest way, the `settle` of each `start` that is neither
/// optional nor subject to a condition, and nothing for a block that is. Handlers are covered by no
/// timeout around them. As a process has to be seen before its time counts, a block takes longer than
/// what is found here, never just as long.
struct LeastTimes {
  private let graph: Graph
  /// By node: when it has ended at the earliest, from the begin of the block around it on.
  private var ends: [Duration] = []
  /// By node: the one before it on the longest way, of a block's end inside it; -1 for none.
  private var via: [Int32] = []
  /// By block template, the block that takes longest where its timeout cannot be met.
  private var tooShort: [BlockTemplateID: TooShort] = [:]

  private struct TooShort {
    var block: BlockID
    var least: Duration
    /// The node with which its longest way ends.
    var last: Int32
  }

  private struct Frame {
    var block = BlockID.none
    var begin = 0
    /// When it begins, in the block around it.
    var start = Duration.zero
    var body = Duration.zero
    var last: Int32 = -1
  }

  /// Looks over a graph, in one pass, and only where there is anything to find.
  init(_ graph: Graph) {
    self.graph = graph
    guard graph.blockTemplates.contains(where: { $0.timeout != nil }),
      graph.steps.contains(where: { Self.least($0) > .zero })
    else { return }
    ends = Array(repeating: .zero, count: graph.count)
    via = Array(repeating: -1, count: graph.count)
    look()
  }

  private mutating func look() {
    var frames = [Frame()]
    for index in graph.nodes.indices {
      let entry = graph.nodes[index]
      let frame = frames[frames.count - 1]
      if entry.kind == .blockEnd {
        frames.removeLast()
        close(frame, at: index, in: &frames[frames.count - 1])
        continue
      }
      var begin = Duration.zero
      for before in graph.predecessors(NodeID(UInt32(index)))
      where Int(before) >= frame.begin && ends[Int(before)] >= begin {
        begin = ends[Int(before)]
        via[index] = Int32(before)
      }
      switch entry.kind {
      case .blockBegin:
        frames.append(Frame(block: BlockID(entry.payload), begin: index, start: begin))
        continue
      case .step: begin += Self.least(graph.steps[Int(entry.payload)])
      case .barrier, .join, .blockEnd: break
      }
      add(index, begin, to: &frames[frames.count - 1])
    }
  }

  private mutating func add(_ index: Int, _ end: Duration, to frame: inout Frame) {
    ends[index] = end
    if end > frame.body { (frame.body, frame.last) = (end, Int32(index)) }
  }

  private mutating func close(_ frame: Frame, at end: Int, in outer: inout Frame) {
    let template = graph.template(frame.block)
    if let timeout = template.timeout, template.skipReason == nil, frame.body > .zero,
      timeout <= frame.body
    {
      let id = graph[frame.block].template
      if tooShort[id].map({ $0.least < frame.body }) ?? true {
        tooShort[id] = TooShort(block: frame.block, least: frame.body, last: frame.last)
      }
    }
    if template.kind == .onFailure || template.kind == .finally { return }
    let isCertain =
      template.skipReason == nil && template.condition == nil && !template.isOptional
    via[end] = isCertain && frame.last >= 0 ? frame.last : Int32(frame.begin)
    add(end, frame.start + (isCertain ? frame.body : .zero), to: &outer)
  }

  /// What a step takes at least, on its way to success.
  private static func least(_ step: StepTemplate) -> Duration {
    step.action.isStart && step.skipReason == nil && step.condition == nil && !step.isOptional
      ? step.settle : .zero
  }

  /// Reports each block whose timeout cannot be met, once for all its subjects.
  ///
  /// - Parameters:
  ///   - timeouts: where they are written.
  ///   - sink: what takes the findings.
  func report(_ timeouts: [BlockTemplateID: Location], to sink: DiagnosticSink) {
    for (id, found) in tooShort.sorted(by: { $0.key.index < $1.key.index }) {
      let template = graph.blockTemplates[Int(id.index)]
      let timeout = template.timeout ?? .zero
      let steps = longestWay(found)
      var notes: [Diagnostic.Note] = []
      let most = 3
      for (step, count) in steps.prefix(most) {
        let each = count > 1 ? ", \(count) times one after another" : ""
        notes.append(
          Diagnostic.Note(
            "processes have to run for \(step.settle.planText) here, by 'settle'\(each)",
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

  /// The steps that take time on the longest way through a block, in order, and how often each.
  private func longestWay(_ found: TooShort) -> [(step: StepTemplate, count: Int)] {
    var counts: [UInt32: Int] = [:]
    var order: [UInt32] = []
    let begin = Int32(graph[found.block].begin.index)
    var index = found.last
    while index > begin {
      let entry = graph.nodes[Int(index)]
      if entry.kind == .step, Self.least(graph.steps[Int(entry.payload)]) > .zero {
        if counts[entry.payload] == nil { order.append(entry.payload) }
        counts[entry.payload, default: 0] += 1
      }
      index = via[Int(index)]
    }
    return order.reversed().map { (graph.steps[Int($0)], counts[$0] ?? 1) }
  }
}
