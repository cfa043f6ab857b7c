/// The protocol between the coordinator of a run and the VMs that it reaches over connections.
///
/// The coordinator is the near end, and `lockstep serve` on a VM the far end. `docs/wire.md` describes
/// the protocol.
package enum WireProtocol {
  /// The version of the protocol that this program speaks; both ends must speak the same one.
  package static let version = 1
  /// What the far end writes before its first frame.
  ///
  /// What comes before it is the output of something else, such as a login shell.
  package static let greeting = Array("lockstep-wire\n".utf8)
  /// How many bytes of other output are read while the greeting is awaited.
  package static let mostBeforeGreeting = 64 << 10
  /// The most bytes in a frame's payload.
  package static let mostPayload = 1 << 20
  /// Senders of lists that may be long begin another frame after about this many bytes.
  package static let goodPayload = 128 << 10
}

/// Why something that came over the wire cannot be used; one line for people.
package struct WireFailure: Error, Hashable, Sendable {
  /// What is wrong with it.
  package var words: String
  /// Makes a failure.
  package init(_ words: String) { self.words = words }
}
