/// Tells one receiver how something ended, at most once.
///
/// Whoever owns it may report again and again: only the first report arrives, and none after `cancel`.
/// What the receiver holds on to is released with the first report.
package final class Completion<Value> {
  private var receiver: ((Value) -> Void)?

  /// Whether a report would still arrive.
  package var isPending: Bool { receiver != nil }

  /// Makes a completion that has not been reported yet.
  package init(_ receiver: @escaping (Value) -> Void) { self.receiver = receiver }

  /// Tells the receiver, unless it was told before or does not want to know.
  package func report(_ value: Value) {
    let receiver = receiver
    self.receiver = nil
    receiver?(value)
  }

  /// Drops the receiver: nothing is reported from now on.
  package func cancel() { receiver = nil }
}
