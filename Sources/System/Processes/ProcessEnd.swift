/// How a process ended.
package enum ProcessEnd: Hashable, Sendable {
  /// It ended by itself, with an exit status of 0 to 255.
  case exited(Int32)
  /// A signal ended it.
  case signalled(Int32)
  /// It is unknown; one line for people says why.
  case unknown(String)
}
