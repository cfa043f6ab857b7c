package import PlanGraph

/// Something that a step has to say to people while it goes on; the run is not told of it, and the
/// journal does not have it.
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

  /// Makes a remark.
  package init(node: NodeID, kind: Kind, text: String) {
    self.node = node
    self.kind = kind
    self.text = text
  }
}

/// What a run does about a signal: the first one, the second one and the third.
package enum StopLevel: String, Hashable, Sendable, CaseIterable {
  /// Nothing new starts, what runs is asked to end, and handlers run.
  case end
  /// What runs is killed, handlers included.
  case kill
  /// What has not ended is not waited for.
  case leave
  /// The run has ended already, and waits only for its record to be on disk.
  case afterEnd = "after-end"
}
