import Words

// The parts of a tree's description that fit on one line.

func words(_ action: ActionSyntax) -> String {
  switch action {
  case .script(let name): "script " + quotedForPlan(name.text)
  case .run(let command): "run " + words(command)
  case .wait(.tcp(let address)): "wait tcp " + words(address)
  case .wait(.file(let path)): "wait file " + words(path)
  case .wait(.command(let command)): "wait command " + words(command)
  case .drain(let arguments) where !arguments.isEmpty:
    "drain [" + arguments.map(words).joined(separator: ", ") + "]"
  case .startUnits(let units), .stopUnits(let units):
    "\(action.word) unit " + units.map(words).joined(separator: ", ")
  case .start, .stop, .unmonitor, .drain: action.word
  }
}

func words(_ command: CommandSyntax) -> String {
  switch command {
  case .shell(let line): words(line)
  case .arguments(let arguments, _): "[" + arguments.map(words).joined(separator: ", ") + "]"
  }
}

func words(_ literal: StringLiteral) -> String {
  let pieces = literal.segments.map { segment in
    switch segment {
    case .text(let text): quotedForPlan(text)
    case .param(let name): "\\(\(name.text))"
    }
  }
  return pieces.isEmpty ? "\"\"" : pieces.joined(separator: " + ")
}

func words(_ value: IntValue) -> String {
  switch value {
  case .literal(let number, _): String(number)
  case .param(let name): "\\(\(name.text))"
  }
}

func words(_ value: DurationValue) -> String {
  switch value {
  case .literal(let duration, _): duration.planText
  case .param(let name): "\\(\(name.text))"
  }
}

func words(_ value: AmountValue) -> String {
  switch value {
  case .count(let number, _): String(number)
  case .percent(let number, _): "\(number)%"
  case .param(let name): "\\(\(name.text))"
  }
}

func words(_ value: LiteralValue) -> String {
  switch value.kind {
  case .string(let literal): words(literal)
  case .int(let number): String(number)
  case .version(let version):
    "version " + version.components.map(String.init).joined(separator: ".")
  case .duration(let duration): duration.planText
  case .percent(let number): "\(number)%"
  }
}

func words(_ reason: RetryClause.Reason) -> String {
  switch reason {
  case .exit(let status): "exit \(status)"
  case .signal: "signal"
  case .timeout: "timeout"
  }
}

func words(_ condition: Condition) -> String {
  switch condition {
  case .or(let parts, _): "(" + parts.map(words).joined(separator: " or ") + ")"
  case .and(let parts, _): "(" + parts.map(words).joined(separator: " and ") + ")"
  case .not(let inner, _): "not " + words(inner)
  case .exists(let path, _): "exists " + words(path)
  case .known(let fact, _): "known " + words(.fact(fact))
  case .compare(let left, let comparison, let right, _):
    words(left) + " \(comparison.rawValue) " + words(right)
  }
}

func words(_ operand: Condition.Operand) -> String {
  switch operand {
  case .fact(let name): "fact " + name.text
  case .param(let name): "\\(\(name.text))"
  case .literal(let value): words(value)
  }
}

func words(_ kind: TestStatement.Kind) -> String {
  func quoted(_ names: [Name]) -> String {
    names.map { quotedForPlan($0.text) }.joined(separator: ", ")
  }
  return switch kind {
  case .releaseJobs(let names): "release-jobs " + quoted(names)
  case .setting(let name, let value): "with \(quotedForPlan(name.text)) = " + words(value)
  case .step(let name, let fate, let attempts):
    "when \(quoted([name])) " + words(fate)
      + (attempts.isEmpty ? "" : " on attempt ")
      + attempts.map { String($0.number) }.joined(separator: ", ")
  case .skipped(let name): "when \(quoted([name])) skipped"
  case .cancelled(let moment): "when cancelled at " + moment.planText
  case .result(let result, let names): "expect \(result.rawValue) " + quoted(names)
  case .before(let first, let second): "expect \(quoted([first])) before \(quoted([second]))"
  case .attempts(let count, let name): "expect attempts \(count.number) of \(quoted([name]))"
  case .exit(let status): "expect exit \(status.number)"
  case .within(let duration): "expect within " + duration.planText
  }
}

private func words(_ fate: TestFate) -> String {
  switch fate {
  case .fails: "fails"
  case .exits(let status): "exits \(status.number)"
  case .dies: "dies"
  case .hangs: "hangs"
  case .takes(let duration): "takes " + duration.planText
  }
}
