/// One clause: a setting of the plan, phase, group or step that it stands in.
package struct Clause: Sendable {
  package enum Kind: Sendable {
    /// `default { tuning … }`: for every step inside that can take it. Holds tuning clauses only.
    case defaults([Clause])
    /// Kept apart, so that every other clause takes half the memory.
    indirect case retry(RetryClause)
    case timeout(DurationValue)
    case grace(DurationValue)
    case settle(DurationValue)
    case every(DurationValue)
    /// `strict`, or with a text that says `true` or `false`.
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
  /// A way to fail that a retry may be restricted to.
  package enum Reason: Hashable, Sendable {
    /// This exit status, 1 to 255.
    case exit(Int)
    /// Death by any signal that was not ours.
    case signal
    case timeout
  }

  /// Further attempts, not counting the first.
  package var count: IntValue
  /// The pause after the first failure; nil where none is written.
  package var backoffLow: DurationValue?
  /// The upper bound of the pause; nil for a fixed pause.
  package var backoffHigh: DurationValue?
  /// Reasons after `only`; empty means any failure.
  package var only: [Reason]

  package init(
    count: IntValue,
    backoffLow: DurationValue?,
    backoffHigh: DurationValue?,
    only: [Reason]
  ) {
    self.count = count
    self.backoffLow = backoffLow
    self.backoffHigh = backoffHigh
    self.only = only
  }
}

/// What follows `when`.
package indirect enum Condition: Sendable {
  /// Two or more; true if any is.
  case or([Condition], Span)
  /// Two or more; true if all are.
  case and([Condition], Span)
  case not(Condition, Span)
  /// Whether the path exists where the step would run, asked when it would first start.
  case exists(StringLiteral, Span)
  /// Whether somebody has supplied the fact of this name, a name with a dot.
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

    /// Where it stands.
    package var span: Span {
      switch self {
      case .fact(let name), .param(let name): name.span
      case .literal(let value): value.span
      }
    }
  }

  /// Where it stands.
  package var span: Span {
    switch self {
    case .or(_, let span), .and(_, let span), .not(_, let span), .exists(_, let span),
      .known(_, let span), .compare(_, _, _, let span):
      span
    }
  }
}
