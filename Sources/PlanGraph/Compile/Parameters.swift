import PlanLanguage
import Words

/// The value of a parameter: its text.
///
/// It is read as a number, duration or version where it is used.
struct ParameterValue {
  var text: String
  var isSecret: Bool
  /// Whether it contains the name of a fact instead of its value, because no machine was examined.
  var isBelieved = false
}

/// The parameters that a file can name, with their values.
struct ParameterTable {
  private(set) var values: [String: ParameterValue] = [:]
  private(set) var declarations: [String: Name] = [:]

  /// Declares a parameter without a value, so that its uses are not reported too.
  mutating func declare(_ name: Name) { declarations[name.text] = name }

  /// Sets the value of a declared parameter.
  mutating func define(_ name: Name, _ value: ParameterValue) {
    declarations[name.text] = name
    values[name.text] = value
  }

  /// The declared names, sorted.
  var names: [String] { declarations.keys.sorted() }
}

/// Reads a plan's values with parameters filled in, and reports values that do not fit their
/// places.
struct ValueReader {
  let file: FileID
  let parameters: ParameterTable
  let sink: DiagnosticSink
  /// The facts here; nil if facts cannot be used here.
  var facts: FactReader?

  /// The parameter's value; nil after a diagnostic, or if its declaration had one.
  func value(of name: Name) -> ParameterValue? {
    sink.asked.note(param: name.text, in: file)
    if let value = parameters.values[name.text] { return value }
    if isFact(name) {
      reportFactOutsideText(name)
      return nil
    }
    if parameters.declarations[name.text] == nil, !name.isMissing { reportUnknownParam(name) }
    return nil
  }

  /// Reports a param that the plan does not declare.
  func reportUnknownParam(_ name: Name) {
    sink.reportUnknown(
      .unknownParam,
      name,
      in: file,
      "no param '\(name.text)' in this plan",
      known: parameters.names
    )
  }

  /// A value that is not secret; for a secret one, a diagnostic and nil.
  func openValue(of name: Name) -> ParameterValue? {
    guard let value = value(of: name) else { return nil }
    if value.isSecret {
      sink.report(
        .secretOutsideEnv,
        at: Location(file, name.span),
        "secret param '\(name.text)' can be used in 'env' only",
        notes: [Diagnostic.Note("write 'env NAME = \"\\(\(name.text))\"' and use $NAME")]
      )
      return nil
    }
    return value
  }

  func wrongKind(_ name: Name, _ value: ParameterValue, wanted: String) {
    sink.report(
      .wrongKindOfValue,
      at: Location(file, name.span),
      "param '\(name.text)' is '\(value.text)', which is not \(wanted)",
      notes: parameters.declarations[name.text].map {
        [Diagnostic.Note("'\(name.text)' is declared here", at: Location(file, $0.span))]
      } ?? []
    )
  }

  /// The value of a param, read from its text; for one that cannot be read, a diagnostic and nil.
  private func read<Value>(
    _ name: Name,
    wanted: String,
    as read: (String) -> Value?
  ) -> Value? {
    guard let value = openValue(of: name) else { return nil }
    if let result = read(value.text) { return result }
    wrongKind(name, value, wanted: wanted)
    return nil
  }

  /// The whole number.
  func int(_ value: IntValue) -> Int? {
    switch value {
    case .literal(let number, _): return number
    case .param(let name): return read(name, wanted: "a whole number such as 3", as: decimal)
    }
  }

  /// The length of time.
  func duration(_ value: DurationValue) -> Duration? {
    switch value {
    case .literal(let duration, _): return duration
    case .param(let name):
      return read(name, wanted: "a duration such as 30s or 1h30m") { Duration(planText: $0) }
    }
  }

  /// How many of `whole` an amount is, with room for at least one: a percentage rounds down, but
  /// not to zero.
  func room(_ value: AmountValue, of whole: Int) -> Int? {
    guard let amount = amount(value, of: whole) else { return nil }
    if amount > 0 { return amount }
    if case .param(let name) = value, parameters.values[name.text].map({ decimal($0.text) }) == 0 {
      sink.report(
        .valueOutOfRange,
        at: Location(file, name.span),
        "param '\(name.text)' is 0 here, which lets nothing start",
        notes: [Diagnostic.Note("give it 1 or more, or a percentage")]
      )
      return nil
    }
    return 1
  }

  /// How many of `whole` an amount is: a percentage rounds down; never less than 0.
  func amount(_ value: AmountValue, of whole: Int) -> Int? {
    switch value {
    case .count(let count, _): return count
    case .percent(let percent, _): return share(percent, of: whole)
    case .param(let name):
      return read(name, wanted: "a number or a percentage such as 4 or 25%") { text in
        if let number = decimal(text) { return number }
        guard text.hasSuffix("%"), let percent = decimal(String(text.dropLast())), percent <= 100
        else { return nil }
        return share(percent, of: whole)
      }
    }
  }

  private func share(_ percent: Int, of whole: Int) -> Int {
    let (product, overflow) = whole.multipliedReportingOverflow(by: percent)
    return overflow ? whole : product / 100
  }

  /// The string with its parameters and facts filled in; secret ones only if `secrets` allows them.
  func string(_ literal: StringLiteral, secrets: Bool = false) -> ParameterValue? {
    if let text = literal.plainText, !text.utf8.contains(0) {
      return ParameterValue(text: text, isSecret: false)
    }
    var text = ""
    var isSecret = false
    var isBelieved = false
    var isWhole = true
    for segment in literal.segments {
      switch segment {
      case .text(let piece): text += piece
      case .param(let name):
        let found =
          isFact(name) ? fact(name) : secrets ? value(of: name) : openValue(of: name)
        guard let found else {
          isWhole = false
          continue
        }
        text += found.text
        isSecret = isSecret || found.isSecret
        isBelieved = isBelieved || found.isBelieved
      }
    }
    if isWhole, text.utf8.contains(0) {
      sink.report(
        .unusableName,
        at: Location(file, literal.span),
        "this text contains a NUL character, which cannot be passed to a process",
        notes: []
      )
      return nil
    }
    if !isWhole { return nil }
    return ParameterValue(text: text, isSecret: isSecret, isBelieved: isBelieved)
  }

  /// The command with its parameters filled in.
  ///
  /// In a shell line, the value of a parameter must not contain characters that are special to the
  /// shell.
  func command(_ syntax: CommandSyntax) -> Command? {
    switch syntax {
    case .arguments(let literals, _):
      let vector = literals.compactMap { string($0)?.text }
      return vector.count == literals.count ? .arguments(vector) : nil
    case .shell(let literal):
      for case .param(let name) in literal.segments {
        guard let value = shownValue(of: name),
          let bad = value.unicodeScalars.first(where: { !isHarmlessInShell($0) })
        else { continue }
        sink.report(
          .unsafeInCommand,
          at: Location(file, name.span),
          "the value of '\(name.text)' contains \(described(bad)), which the shell would interpret",
          notes: [
            Diagnostic.Note("write 'env NAME = \"\\(\(name.text))\"' and \"$NAME\" in the command"),
            Diagnostic.Note(
              "or give the command as arguments: run [\"...\", \"\\(\(name.text))\"]"
            ),
          ]
        )
        return nil
      }
      return string(literal).map { .shell($0.text) }
    }
  }

  /// The value of a parameter or a fact, if it may be shown; otherwise nil.
  private func shownValue(of name: Name) -> String? {
    if isFact(name) { return facts?.value(of: name.text) }
    return parameters.values[name.text].flatMap { $0.isSecret ? nil : $0.text }
  }

  private func isHarmlessInShell(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "0"..."9": true
    case "_", ".", "/", ":", "@", "%", "+", ",", "=", "-": true
    default: false
    }
  }

  private func described(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case " ": "a space"
    case "\n": "a line break"
    case "\t": "a tab"
    case "\"": "a double quote"
    case "'": "a single quote"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f: "a control character"
    default: "'\(scalar)'"
    }
  }
}

/// A number of ASCII digits only; nil for anything else or a number that is too large.
func decimal(_ text: String) -> Int? {
  guard !text.isEmpty,
    text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
  else { return nil }
  return Int(text)
}

extension Version {
  /// Reads decimal components separated by dots, such as `255.4`; nil for anything else.
  package init?(planText text: String) {
    var components: [UInt64] = []
    for piece in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard decimal(String(piece)) != nil, let number = UInt64(piece) else { return nil }
      components.append(number)
    }
    self.init(components)
  }
}
