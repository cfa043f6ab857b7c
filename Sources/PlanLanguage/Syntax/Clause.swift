/// One clause: a setting of the plan, phase, group or step around it.
package struct Clause: Sendable {
  package enum Kind: Sendable {
    /// `default { tuning … }`: for every step inside that can take it; only with tuning clauses.
    case defaults([Clause])
    /// Stored indirectly, so that every other clause takes half the memory.
    indirect case retry(RetryClause)
    case timeout(DurationValue)
    case grace(DurationValue)
    case settle(DurationValue)
    case every(DurationValue)
    /// `strict`, perhaps with a text that says `true` or `false`.
    case strict(StringLiteral?)
    case env(Name, StringLiteral)
    case limit(AmountValue)
    case when(Condition)
    case idempotent
    case optional

    /// The clause's keyword.
    package var word: String {
      switch self {
      case .defaults: "default"
      case .retry: "retry"
      case .timeout: "timeout"
      case .grace: "grace"
      case .settle: "settle"
      case .every: "every"
      case .strict: "strict"
      case .env: "env"
      case .limit: "limit"
      case .when: "when"
      case .idempotent: "idempotent"
      case .optional: "optional"
      }
    }
  }

  package var kind: Kind
  package var span: Span

  package init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// `retry N [backoff D [.. D]] [only reason, …]`.
package struct RetryClause: Sendable {
  /// A failure that a retry can be restricted to.
  package enum Reason: Hashable, Sendable {
    /// This exit status, 1 to 255.
    case exit(Int)
    /// The end by any signal that Lockstep did not send.
    case signal
    case timeout
  }

  /// How many more attempts there may be after the first.
  package var count: IntValue
  /// The pause after the first failure; nil if none is written.
  package var backoffLow: DurationValue?
  /// The upper bound of the pause; nil for a fixed pause.
  package var backoffHigh: DurationValue?
  /// The failures after `only`; empty for any failure.
  package var only: [Reason]
}

/// What follows `when`.
package indirect enum Condition: Sendable {
  /// At least two parts; it holds if any of them holds.
  case or([Condition], Span)
  /// At least two parts; it holds if all of them hold.
  case and([Condition], Span)
  case not(Condition, Span)
  /// Whether the path exists where the step would run, at the time when it could first start.
  case exists(StringLiteral, Span)
  /// Whether the fact of this name is known; the name has a dot.
  case known(Name, Span)
  case compare(Operand, Comparison, Operand, Span)

  package enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  package enum Operand: Sendable {
    /// A name with a dot.
    case fact(Name)
    /// A name without one, or `\(name)`.
    case param(Name)
    case literal(LiteralValue)

    /// Its place in the text.
    package var span: Span {
      switch self {
      case .fact(let name), .param(let name): name.span
      case .literal(let value): value.span
      }
    }
  }

  /// Its place in the text.
  package var span: Span {
    switch self {
    case .or(_, let span), .and(_, let span), .not(_, let span), .exists(_, let span),
      .known(_, let span), .compare(_, _, _, let span):
      span
    }
  }
}
