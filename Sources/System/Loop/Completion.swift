/// Tells one receiver how something ended, at most once.
///
/// Its owner may report repeatedly: only the first report arrives, and none after `cancel`. The
/// receiver is released with the first report.
package final class Completion<Value> {
  private var receiver: ((Value) -> Void)?

  /// Whether a report would still arrive.
  package var isPending: Bool { receiver != nil }

  /// Makes a completion that has not been reported yet.
  package init(_ receiver: @escaping (Value) -> Void) { self.receiver = receiver }

  /// Calls the receiver, unless it was called before or dropped.
  package func report(_ value: Value) {
    let receiver = receiver
    self.receiver = nil
    receiver?(value)
  }

  /// Drops the receiver: from now on nothing is reported.
  package func cancel() { receiver = nil }
}
