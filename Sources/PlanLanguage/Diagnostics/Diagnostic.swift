/// One finding about a plan's text: what is wrong where, what else has to do with it, what would do.
///
/// The words are lower case, without a full stop, with the user's own text in quotes. Terminal, JSON
/// and editor are three readers of this value.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Sendable { case error, warning }

  /// How many diagnostics of one file are kept.
  package static let limit = 1000

  /// Something to say at another place, or (without one) in general.
  package struct Note: Hashable, Sendable {
    package var location: Location?
    package var message: String

    package init(_ message: String, at location: Location? = nil) {
      self.location = location
      self.message = message
    }
  }

  /// An edit that would mend the mistake.
  package struct FixIt: Hashable, Sendable {
    /// What it does, such as `write 'nginx'`.
    package var message: String
    /// The bytes to take out, in the diagnostic's own file; empty to insert.
    package var span: Span
    package var replacement: String

    package init(_ message: String, replacing span: Span, with replacement: String) {
      self.message = message
      self.span = span
      self.replacement = replacement
    }
  }

  package var code: DiagnosticCode
  package var location: Location
  package var message: String
  package var notes: [Note]
  package var fixIt: FixIt?

  /// Whether it forbids running the plan; at first that of the code.
  package var severity: Severity

  package init(
    _ code: DiagnosticCode,
    at location: Location,
    _ message: String,
    notes: [Note] = [],
    fixIt: FixIt? = nil
  ) {
    self.code = code
    severity = code.severity
    self.location = location
    self.message = message
    self.notes = notes
    self.fixIt = fixIt
  }
}
