/// A node of the graph: its place in `Graph.nodes`.
///
/// The order of the identifiers is an order in which the nodes can be executed.
public struct NodeID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
}

/// A subject: its place in `Graph.subjects`, where a subject comes before what it holds.
public struct SubjectID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
  /// The whole deployment, which is the first subject.
  @inlinable public static var deployment: SubjectID { SubjectID(0) }
}

/// A step as the plan states it, for all subjects: its place in `Graph.steps`.
public struct StepTemplateID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
}

/// A block as the plan states it, for all subjects: its place in `Graph.blockTemplates`.
public struct BlockTemplateID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
}

/// A block on one subject: its place in `Graph.blocks`, where a block comes before the blocks inside it.
public struct BlockID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
  /// No block: directly in the plan.
  @inlinable public static var none: BlockID { BlockID(.max) }
}

/// A phase, barrier or rollout of the plan: its place in `Graph.items`, in the order of the text
/// with includes expanded.
public struct ItemID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
}

/// A limit over the whole run, of the plan or of a phase: its place in `Graph.limits`.
public struct LimitID: Identifier {
  /// The place.
  public let index: UInt32
  /// Makes the identifier of this place.
  @inlinable public init(_ index: UInt32) { self.index = index }
}
