/// A node of the graph: its index in `Graph.nodes`.
package struct NodeID: Hashable, Comparable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the node at this index.
  package init(_ index: UInt32) { self.index = index }
  /// Orders by index, which is an order in which the nodes can be executed.
  package static func < (left: NodeID, right: NodeID) -> Bool { left.index < right.index }
}

/// A subject: its index in `Graph.subjects`.
///
/// The deployment is 0.
package struct SubjectID: Hashable, Comparable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the subject at this index.
  package init(_ index: UInt32) { self.index = index }
  /// Orders by index: a subject comes before what it holds.
  package static func < (left: SubjectID, right: SubjectID) -> Bool { left.index < right.index }
  /// The whole deployment.
  package static let deployment = SubjectID(0)
}

/// A step as the plan says it, common to all subjects: its index in `Graph.steps`.
package struct StepTemplateID: Hashable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the template at this index.
  package init(_ index: UInt32) { self.index = index }
}

/// A block as the plan says it, common to all subjects: its index in `Graph.blockTemplates`.
package struct BlockTemplateID: Hashable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the template at this index.
  package init(_ index: UInt32) { self.index = index }
}

/// A block on one subject: its index in `Graph.blocks`.
package struct BlockID: Hashable, Comparable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the block at this index.
  package init(_ index: UInt32) { self.index = index }
  /// Orders by index: a block comes before the blocks inside it.
  package static func < (left: BlockID, right: BlockID) -> Bool { left.index < right.index }
  /// No block: directly in the plan.
  package static let none = BlockID(.max)
}

/// A phase of the plan or a barrier, in the order of the text with includes put in place: its index
/// in `Graph.items`.
package struct ItemID: Hashable, Comparable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the item at this index.
  package init(_ index: UInt32) { self.index = index }
  /// Orders as in the text.
  package static func < (left: ItemID, right: ItemID) -> Bool { left.index < right.index }
}

/// A limit over the whole run, of the plan or of a phase: its index in `Graph.limits`.
package struct LimitID: Hashable, Sendable {
  /// The index.
  package var index: UInt32
  /// Makes the identifier of the limit at this index.
  package init(_ index: UInt32) { self.index = index }
}
