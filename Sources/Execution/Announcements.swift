package import PlanGraph

/// A remark of a step for people.
///
/// The run does not get it, and it is not in the journal.
package struct Remark: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// What the step is waiting for.
    case state
    /// A temporary problem that a person should know about.
    case warning
  }

  package var node: NodeID
  package var kind: Kind
  /// One line, lower case, without a full stop.
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
  /// Nothing new starts, running steps are asked to end, and handlers run.
  case end
  /// Running steps are killed, including handlers.
  case kill
  /// Steps that have not ended are not awaited.
  case leave
  /// The run has already ended, and only waits until its record is on disk.
  case afterEnd = "after-end"
}
