import Operations
import PlanGraph
import Reports
import Words

/// How much of a plan is drawn as one box of a picture.
struct DryRunPicture {
  private let graph: Graph
  private let form: DryRunForm

  init(_ graph: Graph, _ form: DryRunForm) {
    self.graph = graph
    self.form = form
  }

  /// The number of boxes above which steps share boxes by default.
  ///
  /// Code hosts draw at most 500 lines of a Mermaid chart. A browser draws a few thousand boxes,
  /// but more of them are unreadable.
  private var wanted: Int {
    switch form {
    case .mermaid: 250
    case .svg, .html: 1_500
    case .tree, .json, .dot: .max
    }
  }

  /// The largest number of boxes that is ever drawn.
  private static let most = 6_000

  /// The diagram.
  ///
  /// - Parameter fold: how much is drawn as one box; nil for as little as can be shown.
  /// - Returns: the diagram.
  /// - Throws: an error if a picture cannot show that much.
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
