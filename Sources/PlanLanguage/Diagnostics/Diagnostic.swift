/// One finding about the text of a plan: what is wrong, where, and how to fix it.
///
/// The message begins in lower case and has no full stop. The user's own text is in quotes. The
/// terminal, JSON and editors all read this value.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: String, Sendable { case error, warning }

  /// How many diagnostics are kept for one file.
  package static let limit = 1000

  /// A remark about another place, or about no place.
  package struct Note: Hashable, Sendable {
    package var location: Location?
    package var message: String

    package init(_ message: String, at location: Location? = nil) {
      self.location = location
      self.message = message
    }
  }

  /// An edit that fixes the mistake.
  package struct FixIt: Hashable, Sendable {
    /// What the edit does, such as `write 'nginx'`.
    package var message: String
    /// The bytes to replace, in the file of the diagnostic; empty for an insertion.
    package var span: Span
    package var replacement: String

    package init(_ message: String, replacing span: Span, with replacement: String) {
      self.message = message
      self.span = span
      self.replacement = replacement
    }

    /// Writes a text in place of another one.
    package static func write(_ text: String, at span: Span) -> FixIt {
      FixIt("write '\(text)'", replacing: span, with: text)
    }

    /// Removes a text.
    package static func remove(_ span: Span) -> FixIt {
      FixIt("remove it", replacing: span, with: "")
    }
  }

  package var code: DiagnosticCode
  package var location: Location
  package var message: String
  package var notes: [Note]
  package var fixIt: FixIt?

  /// Whether the plan may still run; at first, the severity of the code.
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
