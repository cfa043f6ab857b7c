package import PlanGraph

/// Something that a step has to say to people while it goes on; the run is not told of it.
package struct Remark: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// What it is waiting for.
    case state
    /// Something that passes, and that a person should know of.
    case warning
  }

  package var node: NodeID
  package var kind: Kind
  /// A line, lower case, without a full stop.
  package var text: String
}
