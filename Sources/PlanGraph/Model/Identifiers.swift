/// A node of the graph: its place in `Graph.nodes`.
///
/// The order of the identifiers is an order in which the nodes can be executed.
package struct NodeID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
}

/// A subject: its place in `Graph.subjects`, where a subject comes before what it holds.
package struct SubjectID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
  /// The whole deployment, which is the first subject.
  @inlinable package static var deployment: SubjectID { SubjectID(0) }
}

/// A step as the plan states it, for all subjects: its place in `Graph.steps`.
package struct StepTemplateID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
}

/// A block as the plan states it, for all subjects: its place in `Graph.blockTemplates`.
package struct BlockTemplateID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
}

/// A block on one subject: its place in `Graph.blocks`, where a block comes before the blocks inside it.
package struct BlockID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
  /// No block: directly in the plan.
  @inlinable package static var none: BlockID { BlockID(.max) }
}

/// A phase, barrier or rollout of the plan: its place in `Graph.items`, in the order of the text
/// with includes expanded.
package struct ItemID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
}

/// A limit over the whole run, of the plan or of a phase: its place in `Graph.limits`.
package struct LimitID: Identifier {
  package let index: UInt32
  @inlinable package init(_ index: UInt32) { self.index = index }
}
