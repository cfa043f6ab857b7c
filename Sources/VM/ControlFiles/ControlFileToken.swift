/// A token of a control file.
struct ControlFileToken: Hashable, Sendable {
  var terminal: ControlFileTerminal
  /// Its value: without quotes.
  var text: String
  /// Of its first byte.
  var offset: Int
  /// Whether it stands in quotes, as the arguments of a program do.
  var isQuoted = false
}
