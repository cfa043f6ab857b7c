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

/// Which of the states of something that is looked at again and again are worth a line: the first, the
/// second, the fourth, the eighth … time, so that hours take some twenty lines.
struct Rarely {
  private var count = 0

  /// Counts; whether this time is one of them.
  mutating func isNext() -> Bool {
    count += 1
    return count & (count - 1) == 0
  }
}
