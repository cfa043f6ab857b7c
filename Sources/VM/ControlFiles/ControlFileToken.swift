/// A token of a control file.
struct ControlFileToken: Hashable, Sendable {
  var terminal: ControlFileTerminal
  /// Its value: without quotes.
  var text: String
  /// Of its first byte.
  var offset: Int
  /// Whether it is in quotes, like the arguments of a program.
  var isQuoted = false
}
