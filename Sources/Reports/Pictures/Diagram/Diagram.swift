package import PlanGraph

/// A graph as it is drawn: boxes and links.
///
/// Nodes that only order others are left out where that does not add lines. One box can stand for
/// many steps.
///
/// Every link leads from a smaller box number to a larger one.
package struct Diagram: Sendable {
  /// What a box stands for.
  package enum Kind: Sendable {
    case step
    /// Several steps.
    case group
    case barrier
    /// Nothing but an order: n boxes before, m after.
    case join
  }

  /// Which steps are drawn as one box.
  package enum Fold: String, CaseIterable, Sendable {
    /// A box for each step.
    case none
    /// A box for each phase on each instance.
    case instance
    /// A box for each phase on each deployment job.
    case deploymentJob = "deployment-job"
    /// A box for each phase.
    case phase
  }

  /// A box.
  package struct Box: Sendable {
    package var kind: Kind
    package var title: String
    /// Small text below the title; may be empty.
    package var note: String
    package var subject: SubjectID
    package var item: ItemID
    /// The innermost block.
    package var block: BlockID
    /// The nodes that it stands for, ascending; at least one.
    package var nodes: [NodeID]
    /// Whether it belongs to a handler.
    package var isHandler: Bool
    /// The index of its section in `sections`.
    package var section = 0
  }

  /// A line from one box to another.
  package struct Link: Hashable, Sendable {
    package var from: Int
    package var to: Int
    /// Whether it leads into or out of a handler, which no edge of the graph does.
    package var isHandler: Bool
  }

  /// What is drawn below one heading: a phase, a barrier, a rollout.
  package struct Section: Sendable {
    package var title: String
    package var note: String
    package var kind: GraphItem.Kind
    /// Whether it has a heading; it has none if no box is below it, or if its bar is the heading.
    package var isHeaded: Bool
  }

  /// A frame around the boxes of a block that has its own rules.
  package struct Frame: Sendable {
    package var title: String
    package var boxes: [Int]
    package var isHandler: Bool
    /// How many frames are nested inside it.
    package var height: Int
  }

  package let graph: Graph
  package let fold: Fold
  package private(set) var boxes: [Box] = []
  package private(set) var links: [Link] = []
  package private(set) var sections: [Section] = []
  package private(set) var frames: [Frame] = []
  /// Whether there is an order that is not drawn.
  ///
  /// It is the order in which deployment jobs go through a phase, where each phase is one box.
  package let hidesOrder: Bool

  /// Draws a graph, with as little folding as gives at most `most` boxes.
  ///
  /// - Returns: nil where even one box for each phase is too many.
  package static func fitting(_ graph: Graph, most: Int) -> Diagram? {
    for fold in Fold.allCases {
      // So many steps cannot fit.
      if fold == .none, graph.stepCount > most { continue }
      let diagram = Diagram(graph, fold: fold)
      if diagram.boxes.count <= most { return diagram }
    }
    return nil
  }

  /// Draws a graph.
  package init(_ graph: Graph, fold: Fold) {
    self.graph = graph
    self.fold = fold
    var builder = DiagramBuilder(graph, fold)
    builder.build()
    (boxes, links, hidesOrder) = (builder.boxes, builder.links, builder.hidesOrder)
    let arranged = DiagramSections.arrange(graph, boxes, links)
    sections = arranged.sections
    for (index, section) in arranged.numbers.enumerated() { boxes[index].section = section }
    frames = fold == .none ? DiagramFrames.frames(graph, boxes) : []
  }
}
