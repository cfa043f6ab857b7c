/// A program that starts or stops a process, as a monit control file says it.
package struct ControlProgram: Hashable, Sendable {
  /// The argument vector, at least one long; the first is the executable's path.
  package var arguments: [String]
  /// `as uid`: a name or a number.
  package var user: String?
  /// `as gid`: a name or a number.
  package var group: String?
  /// `with timeout`: how long the process may take to appear, or to disappear.
  package var timeout: Duration

  /// How long monit waits by default: 30 seconds.
  package static let standardTimeout = Duration.seconds(30)
}
