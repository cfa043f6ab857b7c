package import PlanGraph

/// A graph as it is drawn: boxes and links, with what only orders others left out where no line less
/// is drawn for it, and, if wanted, many steps in one box.
///
/// Every link leads from a smaller box number to a larger one.
package struct Diagram: Sendable {
  /// What a box stands for.
  package enum Kind: Sendable {
    case step
    /// Several steps in one.
    case group
    case barrier
    /// Nothing but an order: n before, m after.
    case join
  }

  /// How many steps are drawn as one.
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
    /// Below the title, smaller; may be empty.
    package var note: String
    package var subject: SubjectID
    package var item: ItemID
    /// The innermost block.
    package var block: BlockID
    /// What it stands for, ascending; at least one.
    package var nodes: [NodeID]
    /// Whether it belongs to a handler.
    package var isHandler: Bool
    /// The column that it stands in: its index in `sections`.
    package var section = 0
  }

  /// A line from one box to another.
  package struct Link: Hashable, Sendable {
    package var from: Int
    package var to: Int
    /// Whether it leads into or out of a handler, which the run enters by itself.
    package var isHandler: Bool
  }

  /// What is drawn below one heading: a phase, a barrier, a rollout.
  package struct Section: Sendable {
    package var title: String
    package var note: String
    package var kind: GraphItem.Kind
    /// Whether it has a heading: not where nothing is done below it, or the bar is the heading.
    package var isHeaded: Bool
  }

  /// A line around the boxes of a block with a meaning of its own.
  package struct Frame: Sendable {
    package var title: String
    package var boxes: [Int]
    package var isHandler: Bool
    /// How many frames are inside, one in the other.
    package var height: Int
  }

  package let graph: Graph
  package let fold: Fold
  package private(set) var boxes: [Box] = []
  package private(set) var links: [Link] = []
  package private(set) var sections: [Section] = []
  package private(set) var frames: [Frame] = []
  /// Whether there is an order that is not drawn: phases through which deployment jobs go one after
  /// the other, with a box for each phase.
  package let hidesOrder: Bool

  /// Draws a graph, with the least folding that gives at most `most` boxes.
  ///
  /// - Returns: nil where even a box for each phase would be more.
  package static func fitting(_ graph: Graph, most: Int) -> Diagram? {
    for fold in Fold.allCases {
      // That many steps are no fewer boxes.
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
