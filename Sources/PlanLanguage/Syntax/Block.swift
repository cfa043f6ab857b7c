/// `{ clauses statements handlers }`: the body of a phase, a group or a handler.
package struct Block: Sendable {
  package var clauses: [Clause]
  package var statements: [Statement]
  package var handlers: [Handler]
  /// The place, with the braces.
  package var span: Span
}

/// `on failure { … }` or `finally { … }`.
package struct Handler: Sendable {
  package enum Kind: Sendable { case onFailure, finally }
  package var kind: Kind
  /// The place of the keyword; `on failure` is one span.
  package var keywordSpan: Span
  package var block: Block

  package init(_ kind: Kind, keywordSpan: Span, block: Block) {
    self.kind = kind
    self.keywordSpan = keywordSpan
    self.block = block
  }
}

/// One statement of a block.
package enum Statement: Sendable {
  case step(Step)
  indirect case group(Group)

  /// The place, from its first word to its last.
  package var span: Span {
    switch self {
    case .step(let step): step.span
    case .group(let group): group.span
    }
  }
}

/// `parallel { … }` or `sequence { … }`.
package struct Group: Sendable {
  package enum Kind: Sendable { case parallel, sequence }
  package var documentation: String?
  package var kind: Kind
  package var label: Name?
  package var block: Block
  /// From the keyword to the closing brace.
  package var span: Span
  package var keywordSpan: Span
}

/// An action with its label and clauses.
package struct Step: Sendable {
  package var documentation: String?
  package var action: ActionSyntax
  /// The names after `for`: the release jobs that it applies to; empty for all of the instance.
  package var releaseJobs: [Name] = []
  package var label: Name?
  package var clauses: [Clause]
  /// From the action's keyword to the end of its clauses.
  package var span: Span
  /// The action's keyword, its argument and the names after `for`.
  package var actionSpan: Span
}

/// What a step does, as written.
package enum ActionSyntax: Sendable {
  /// `script NAME`: the release job's `bin/NAME`.
  case script(Name)
  /// `run "…"` or `run ["…", …]`.
  case run(CommandSyntax)
  /// `wait tcp "…"`, `wait file "…"`, `wait command …`.
  case wait(ProbeSyntax)
  case start
  case stop
  /// `start unit NAME, …`: systemd units of the machine, at least one.
  case startUnits([StringLiteral])
  /// `stop unit NAME, …`.
  case stopUnits([StringLiteral])
  case unmonitor
  /// `drain` or `drain ["…", …]`: the arguments as written; without brackets, none.
  case drain([StringLiteral])

  /// Whether it applies to release jobs, so that `for` and their names can follow.
  package var isOfReleaseJobs: Bool {
    switch self {
    case .script, .start, .stop, .unmonitor, .drain: true
    case .run, .wait, .startUnits, .stopUnits: false
    }
  }

  /// Whether it applies to systemd units of the machine.
  package var isOfUnits: Bool {
    switch self {
    case .startUnits, .stopUnits: true
    case .script, .run, .wait, .start, .stop, .unmonitor, .drain: false
    }
  }

  /// Whether systemd units can follow its keyword.
  package var hasUnits: Bool {
    switch self {
    case .start, .stop, .startUnits, .stopUnits: true
    case .script, .run, .wait, .unmonitor, .drain: false
    }
  }

  /// The keyword.
  package var word: String {
    switch self {
    case .script: "script"
    case .run: "run"
    case .wait: "wait"
    case .start, .startUnits: "start"
    case .stop, .stopUnits: "stop"
    case .unmonitor: "unmonitor"
    case .drain: "drain"
    }
  }
}

/// A command: a line for `/bin/sh -ec`, or a list of arguments that is started as it is.
package enum CommandSyntax: Sendable {
  case shell(StringLiteral)
  /// At least one argument.
  case arguments([StringLiteral], Span)

  /// Its place in the text.
  package var span: Span {
    switch self {
    case .shell(let literal): literal.span
    case .arguments(_, let span): span
    }
  }
}

/// What a `wait` waits for.
package enum ProbeSyntax: Sendable {
  case tcp(StringLiteral)
  case file(StringLiteral)
  case command(CommandSyntax)
}
