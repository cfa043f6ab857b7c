import Operations
import PlanGraph
import Reports
import Words

/// How much of a plan is drawn in one box of a picture.
struct DryRunPicture {
  private let graph: Graph
  private let form: DryRunForm

  init(_ graph: Graph, _ form: DryRunForm) {
    self.graph = graph
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
  /// - Parameter fold: how much is drawn in one box; nil for as little as can be shown.
  /// - Returns: the diagram.
  /// - Throws: where that would be more than a picture can show.
  func diagram(_ fold: Diagram.Fold?) throws(CommandFailure) -> Diagram {
    if let fold {
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

  private func coarsest(_ graph: Graph) throws(CommandFailure) -> Diagram {
    let diagram = Diagram(graph, fold: .phase)
    if diagram.boxes.count > Self.most { throw tooMany(diagram.boxes.count) }
    return diagram
  }

  private func tooMany(_ boxes: Int) -> CommandFailure {
    CommandFailure(
      message: "\(form.rawValue) would have \(counted(boxes, "box", "boxes")), more than the "
        + "\(Self.most) that it can show",
      help: "leave '--fold' to lockstep or write '--fold phase', choose steps with --only, or use "
        + "'--format dot' with a program for large graphs"
    )
  }
}
