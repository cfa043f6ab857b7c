import PlanGraph
import Reports
import Words

/// How much of a plan is drawn in one box of a picture.
struct DryRunPicture {
  private let dryRun: DryRun
  private let form: DryRunForm

  init(_ dryRun: DryRun, _ form: DryRunForm) {
    self.dryRun = dryRun
    self.form = form
  }

  /// From how many boxes on steps are drawn together, where nobody says how.
  ///
  /// Code hosts draw no more than 500 lines of a Mermaid chart; a browser draws some thousand boxes,
  /// but nobody finds anything among more.
  private var wanted: Int {
    switch form {
    case .mermaid: 250
    case .svg, .html: 1_500
    case .tree, .json, .dot: .max
    }
  }

  /// How many boxes are drawn at the most, whoever asks for them.
  private static let most = 6_000

  /// What is drawn.
  ///
  /// - Throws: where that would be more than a picture can show.
  func diagram() throws(UsageError) -> Diagram {
    let graph = dryRun.graph
    let words = Diagram.Fold.allCases.map(\.rawValue)
    if let word = try dryRun.arguments.word("--fold", among: words),
      let fold = Diagram.Fold(rawValue: word)
    {
      if form != .dot, fold == .none, graph.stepCount > Self.most { throw tooMany(graph.stepCount) }
      let diagram = Diagram(graph, fold: fold)
      if form != .dot, diagram.boxes.count > Self.most { throw tooMany(diagram.boxes.count) }
      return diagram
    }
    guard let diagram = Diagram.fitting(graph, most: wanted) else {
      return try coarsest(graph)
    }
    return diagram
  }

  private func coarsest(_ graph: Graph) throws(UsageError) -> Diagram {
    let diagram = Diagram(graph, fold: .phase)
    if diagram.boxes.count > Self.most { throw tooMany(diagram.boxes.count) }
    return diagram
  }

  private func tooMany(_ boxes: Int) -> UsageError {
    UsageError(
      message: "\(form.rawValue) would have \(counted(boxes, "box", "boxes")), more than the "
        + "\(Self.most) that it can show",
      help: "leave '--fold' to lockstep or write '--fold phase', choose steps with --only, or use "
        + "'--format dot' with a program for large graphs"
    )
  }
}
