import PlanLanguage

/// Collects the diagnostics of one compilation.
final class DiagnosticSink {
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var hasErrors = false
  /// How many more were found than are kept.
  private(set) var omitted = 0
  /// The params and facts that something asks for.
  let asked = AskedNames()
  /// Whether some text is not what its writer meant.
  ///
  /// Then missing things are not reported.
  var hasBrokenText = false

  /// Whether the kept diagnostics have an error.
  ///
  /// The first error is always kept.
  private var hasKeptError = false

  /// The places and codes of the findings, once text is compiled again for other subjects; nil
  /// before.
  private var seen: Set<Finding>?

  private struct Finding: Hashable {
    var code: DiagnosticCode
    var location: Location
  }

  /// From now on keeps only the first finding of each code at one place, because text is compiled
  /// several times.
  func expectRepeats() {
    if seen != nil { return }
    seen = Set(diagnostics.map { Finding(code: $0.code, location: $0.location) })
  }

  /// More than anyone reads.
  ///
  /// A plan with a million steps can have the same mistake in each.
  private static let most = 1000

  /// Adds a finding.
  func report(
    _ code: DiagnosticCode,
    at location: Location,
    _ message: String,
    notes: [Diagnostic.Note] = [],
    fixIt: Diagnostic.FixIt? = nil
  ) {
    if hasBrokenText, code.isAboutWhatIsMissing { return }
    hasErrors = hasErrors || code.severity == .error
    if seen?.insert(Finding(code: code, location: location)).inserted == false { return }
    if diagnostics.count >= Self.most, code.severity == .warning || hasKeptError {
      omitted += 1
      return
    }
    hasKeptError = hasKeptError || code.severity == .error
    diagnostics.append(Diagnostic(code, at: location, message, notes: notes, fixIt: fixIt))
  }

  /// Adds findings from elsewhere.
  func report(_ found: [Diagnostic]) {
    hasErrors = hasErrors || found.contains { $0.severity == .error }
    hasKeptError = hasErrors
    diagnostics += found
  }

  /// Reports an unknown name, with the most similar known name as note and fix.
  func reportUnknown(
    _ code: DiagnosticCode,
    _ name: Name,
    in file: FileID,
    _ message: String,
    known: [String],
    notes: [Diagnostic.Note] = []
  ) {
    var notes = notes
    var fixIt: Diagnostic.FixIt?
    if let near = nearMiss(name.text, among: known) {
      // The place of a parameter is all of `\(name)`; that of any other name is the name or its
      // string.
      let isInterpolation = (code == .unknownParam || code == .unknownFact) && !name.isBare
      let written =
        isInterpolation ? "\\(\(near))" : isBareName(near) ? near : "\"\(near)\""
      fixIt = Diagnostic.FixIt("write '\(near)'", replacing: name.span, with: written)
    } else if !known.isEmpty {
      notes.append(Diagnostic.Note("there is \(listed(known))"))
    }
    report(code, at: Location(file, name.span), message, notes: notes, fixIt: fixIt)
  }
}

extension DiagnosticSink {
  /// Whether a step or phase that applies to nothing was reported.
  var hasToldOfNothing: Bool {
    diagnostics.contains {
      [.stepAppliesToNothing, .phaseSelectsNothing, .nameNotFound, .emptyBlock].contains($0.code)
    }
  }
}

extension DiagnosticCode {
  /// Whether a mistake in the text can cause it, because the text may have been meant to be what is
  /// missing.
  fileprivate var isAboutWhatIsMissing: Bool {
    switch self {
    case .noTimeBound, .stepAppliesToNothing, .emptyBlock, .takenByNothing, .neverAsked: true
    default: false
    }
  }
}

/// A list for a sentence: `'a'`, `'a' and 'b'`; at most eight names, and how many more there are.
func listed(_ names: [String]) -> String {
  let most = 8
  let shown = names.prefix(most).map { "'\($0)'" }
  if names.count > most {
    return shown.joined(separator: ", ") + " and \(names.count - most) more"
  }
  guard let last = shown.last, shown.count > 1 else { return shown.joined() }
  return shown.dropLast().joined(separator: ", ") + " and " + last
}

extension Name {
  /// Whether the name is written alone, without quotes or `\(…)` around it.
  fileprivate var isBare: Bool { Int(span.end - span.start) == text.utf8.count }
}

/// Whether a name can be written in a plan without quotes.
private func isBareName(_ text: String) -> Bool {
  var previousWasDot = false
  for (index, byte) in text.utf8.enumerated() {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      previousWasDot = false
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"):
      if index == 0 { return false }
      previousWasDot = false
    case UInt8(ascii: "."):
      if index == 0 || previousWasDot { return false }
      previousWasDot = true
    default:
      return false
    }
  }
  return !text.isEmpty && !previousWasDot
}
