import PlanLanguage

/// The settings that a step gets from the `default` clauses around it; the innermost wins.
struct Defaults {
  var retry: Retry?
  var timeout: Duration?
  var grace: Duration?
  var settle: Duration?
  var every: Duration?
  var isStrict: Bool?

  /// Adds the settings of an inner `default`, which take precedence.
  mutating func apply(_ clauses: [Clause], _ values: ValueReader) {
    for clause in clauses {
      switch clause.kind {
      case .retry(let syntax): retry = values.retry(syntax)
      case .timeout(let value): timeout = values.duration(value)
      case .grace(let value): grace = values.duration(value)
      case .settle(let value): settle = values.duration(value)
      case .every(let value): every = values.duration(value)
      case .strict(let value): isStrict = values.flag(value, "strict")
      case .defaults, .env, .limit, .when, .idempotent, .optional: break
      }
    }
  }
}

/// The clauses of a plan, block or step, with parameters filled in.
struct Settings {
  var defaults: [Clause] = []
  var retry: Retry?
  var retrySpan: Span?
  var timeout: Duration?
  /// Whether a timeout is written, even if it cannot be read.
  var saysTimeout = false
  var timeoutSpan: Span?
  var grace: Duration?
  var settle: Duration?
  var every: Duration?
  var isStrict: Bool?
  var environment: [EnvironmentVariable] = []
  var limit: AmountValue?
  var limitSpan: Span?
  var decision: Decision = .always
  var isIdempotent = false
  var isOptional = false

  /// Reads clauses.
  ///
  /// Wrong ones are reported and left out.
  init(_ clauses: [Clause], _ values: ValueReader, _ conditions: ConditionReader) {
    for clause in clauses {
      switch clause.kind {
      case .defaults(let inner): defaults = inner
      case .retry(let syntax):
        retry = values.retry(syntax)
        retrySpan = clause.span
      case .timeout(let value):
        timeout = values.positive(value, "timeout")
        saysTimeout = true
        timeoutSpan = clause.span
      case .grace(let value): grace = values.duration(value)
      case .settle(let value): settle = values.duration(value)
      case .every(let value): every = values.positive(value, "every")
      case .strict(let value): isStrict = values.flag(value, "strict")
      case .env(let name, let literal):
        if name.text.hasPrefix(ReservedVariables.prefix) {
          values.sink.report(
            .reservedVariable,
            at: Location(values.file, name.span),
            "'\(name.text)' is set by Lockstep, to tell steps about their place in the run",
            notes: [Diagnostic.Note("choose a name with another beginning")]
          )
          continue
        }
        guard let value = values.string(literal, secrets: true) else { continue }
        environment.append(
          EnvironmentVariable(name: name.text, value: value.text, isSecret: value.isSecret)
        )
      case .limit(let amount):
        limit = amount
        limitSpan = clause.span
      case .when(let condition): decision = conditions.decide(condition)
      case .idempotent: isIdempotent = true
      case .optional: isOptional = true
      }
    }
  }
}

extension ValueReader {
  /// A retry with its parameters filled in; nil if they are wrong.
  func retry(_ syntax: RetryClause) -> Retry? {
    guard let count = int(syntax.count) else { return nil }
    if count > 1_000_000 {
      sink.report(
        .valueOutOfRange,
        at: Location(file, syntax.count.span),
        "at most 1000000 retries, not \(count)"
      )
      return nil
    }
    let low = syntax.backoffLow.map { duration($0) ?? .zero } ?? .zero
    let high = syntax.backoffHigh.map { duration($0) ?? low } ?? low
    if let highSyntax = syntax.backoffHigh, high < low {
      sink.report(
        .valueOutOfRange,
        at: Location(file, highSyntax.span),
        "the longest pause of a backoff is shorter than its first"
      )
      return nil
    }
    let reasons = syntax.only.map { reason -> RetryReason in
      switch reason {
      case .exit(let status): .exit(status)
      case .signal: .signal
      case .timeout: .timeout
      }
    }
    return Retry(count: count, low: low, high: high, only: Set(reasons))
  }

  /// The value of a clause that is written alone or with `true` or `false` after it.
  func flag(_ value: StringLiteral?, _ what: String) -> Bool? {
    guard let value else { return true }
    guard let text = string(value)?.text else { return nil }
    if text == "true" || text == "false" { return text == "true" }
    sink.report(
      .wrongKindOfValue,
      at: Location(file, value.span),
      "'\(what)' takes \"true\", \"false\" or nothing, not '\(text)'"
    )
    return nil
  }

  /// A duration longer than zero.
  func positive(_ value: DurationValue, _ what: String) -> Duration? {
    guard let length = duration(value) else { return nil }
    if length > .zero { return length }
    // The checks of the syntax report a literal 0.
    if case .param = value {
      sink.report(
        .valueOutOfRange,
        at: Location(file, value.span),
        "'\(what)' must be longer than zero"
      )
    }
    return nil
  }
}

/// The variables of `outer`, overridden by those of `inner`.
func merged(
  _ outer: [EnvironmentVariable],
  _ inner: [EnvironmentVariable]
) -> [EnvironmentVariable] {
  var result = outer
  for variable in inner {
    if let index = result.firstIndex(where: { $0.name == variable.name }) {
      result[index] = variable
    } else {
      result.append(variable)
    }
  }
  return result
}
