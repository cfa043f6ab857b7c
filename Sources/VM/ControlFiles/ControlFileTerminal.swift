/// The kind of a control file's token in the grammar.
enum ControlFileTerminal: Hashable, Sendable {
  /// One of monit's words in its first spelling: `restart` for `RESTARTS`.
  case keyword(String)
  /// A character that represents itself.
  case symbol(UInt8)
  /// A bare word that is not one of monit's, or a quoted text.
  case string
  /// Text that begins with `/`, bare or quoted on one line.
  case path
  case number
  /// A number with a decimal point.
  case real
  case mailAddress
  /// A line of a mail's format, such as `subject: …`.
  case mailField
  case url
  /// The name after `check …` and `depends on`.
  case serviceName
  /// The name after `group`.
  case groupName
  case end
}
