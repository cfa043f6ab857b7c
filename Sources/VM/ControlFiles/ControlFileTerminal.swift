/// What a token of a control file is to the grammar.
enum ControlFileTerminal: Hashable, Sendable {
  /// One of monit's words in its first spelling: `restart` for `RESTARTS`.
  case keyword(String)
  /// A character that stands for itself.
  case symbol(UInt8)
  /// A bare word that is none of monit's, or a quoted text.
  case string
  /// What begins with `/`, bare or quoted on one line.
  case path
  case number
  /// A number with a decimal point.
  case real
  case mailAddress
  /// A line of a mail's format, such as `subject: …`.
  case mailField
  case url
  /// The name behind `check …` and `depends on`.
  case serviceName
  /// The name behind `group`.
  case groupName
  case end
}
