/// A readable picture of a syntax tree without its places, for looking at the parser alone and for
/// comparing what two texts mean.
package func describeTree(_ tree: PlanFile) -> String {
  guard let plan = tree.plan else { return "no plan\n" }
  var description = TreeDescription()
  description.add(plan)
  return description.text
}

/// Text that grows line by line, indented by depth.
private struct TreeDescription {
  var text = ""
  private var depth = 0

  private mutating func line(_ words: String...) {
    text += String(repeating: "  ", count: depth)
    text += words.filter { !$0.isEmpty }.joined(separator: " ") + "\n"
  }

  private mutating func inside(_ body: (inout Self) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  private mutating func documentation(_ documentation: String?) {
    if let documentation { line("documentation", quotedForPlan(documentation)) }
  }

  mutating func add(_ plan: PlanDecl) {
    line("plan", quoted(plan.name))
    inside { description in
      description.documentation(plan.documentation)
      for clause in plan.clauses { description.add(clause) }
      for item in plan.items { description.add(item) }
      for handler in plan.handlers { description.add(handler) }
    }
  }

  private mutating func add(_ item: Item) {
    switch item {
    case .param(let param):
      line(
        "param",
        quoted(param.name),
        param.isSecret ? "secret" : "",
        param.value.map { "= " + words($0) } ?? ""
      )
      inside { $0.documentation(param.documentation) }
    case .deploymentJob(let job):
      line("deployment-job", quoted(job.name))
      inside { description in
        description.documentation(job.documentation)
        for clause in job.clauses { description.add(clause) }
      }
    case .include(let include): add(include)
    case .phase(let phase): add(phase)
    case .barrier(let barrier): add(barrier)
    case .rollout(let rollout):
      line("rollout")
      inside { description in
        description.documentation(rollout.documentation)
        for pace in rollout.pace { description.add(pace) }
        for item in rollout.items {
          switch item {
          case .phase(let phase): description.add(phase)
          case .barrier(let barrier): description.add(barrier)
          case .include(let include): description.add(include)
          }
        }
      }
    }
  }

  private mutating func add(_ include: IncludeDecl) {
    switch include.target {
    case .bundled(let name): line("include", "bundled", quoted(name))
    case .path(let name): line("include", "path", quoted(name))
    }
  }

  private mutating func add(_ barrier: BarrierDecl) {
    line("barrier", "across", barrier.scope.word)
    inside { $0.documentation(barrier.documentation) }
  }

  private mutating func add(_ clause: DeploymentJobDecl.Clause) {
    switch clause {
    case .releaseJobs(let names, _): line("release-jobs", quoted(names))
    case .instances(let count, _): line("instances", words(count))
    case .after(let names, _): line("after", quoted(names))
    case .pace(let pace): add(pace)
    }
  }

  private mutating func add(_ pace: Pace) {
    line(pace.kind == .canaries ? "canaries" : "max-in-flight", words(pace.amount))
  }

  private mutating func add(_ phase: PhaseDecl) {
    line(
      "phase",
      quoted(phase.name),
      "per " + phase.scope.word,
      phase.deploymentJobs.isEmpty ? "" : "in " + quoted(phase.deploymentJobs),
      phase.releaseJobs.isEmpty ? "" : "for " + quoted(phase.releaseJobs)
    )
    inside { description in
      description.documentation(phase.documentation)
      description.add(phase.block)
    }
  }

  private mutating func add(_ block: Block) {
    for clause in block.clauses { add(clause) }
    for statement in block.statements {
      switch statement {
      case .step(let step): add(step)
      case .group(let group):
        line(group.kind == .parallel ? "parallel" : "sequence", label(group.label))
        inside { description in
          description.documentation(group.documentation)
          description.add(group.block)
        }
      }
    }
    for handler in block.handlers { add(handler) }
  }

  private mutating func add(_ handler: Handler) {
    line(handler.kind == .onFailure ? "on failure" : "finally")
    inside { $0.add(handler.block) }
  }

  private mutating func add(_ step: Step) {
    line(words(step.action), label(step.label))
    inside { description in
      description.documentation(step.documentation)
      for clause in step.clauses { description.add(clause) }
    }
  }

  private mutating func add(_ clause: Clause) {
    switch clause.kind {
    case .defaults(let inner):
      line("default")
      inside { description in
        for clause in inner { description.add(clause) }
      }
    case .retry(let retry):
      line(
        "retry",
        words(retry.count),
        retry.backoffLow.map { "backoff " + words($0) } ?? "",
        retry.backoffHigh.map { "up to " + words($0) } ?? "",
        retry.only.isEmpty ? "" : "only " + retry.only.map(words).joined(separator: ", ")
      )
    case .timeout(let value), .grace(let value), .settle(let value), .every(let value):
      line(clause.kind.word, words(value))
    case .env(let name, let value): line("env", quoted(name), "=", words(value))
    case .limit(let amount): line("limit", words(amount))
    case .when(let condition): line("when", words(condition))
    case .idempotent, .optional: line(clause.kind.word)
    }
  }

  private func quoted(_ name: Name) -> String { quotedForPlan(name.text) }

  private func quoted(_ names: [Name]) -> String { names.map(quoted).joined(separator: ", ") }

  private func label(_ name: Name?) -> String { name.map { "as " + quoted($0) } ?? "" }
}

private func words(_ action: ActionSyntax) -> String {
  switch action {
  case .script(let name): "script " + quotedForPlan(name.text)
  case .run(let command): "run " + words(command)
  case .wait(.tcp(let address)): "wait tcp " + words(address)
  case .wait(.file(let path)): "wait file " + words(path)
  case .wait(.command(let command)): "wait command " + words(command)
  case .start, .stop, .unmonitor, .drain: action.word
  }
}

private func words(_ command: CommandSyntax) -> String {
  switch command {
  case .shell(let line): words(line)
  case .arguments(let arguments, _): "[" + arguments.map(words).joined(separator: ", ") + "]"
  }
}

private func words(_ literal: StringLiteral) -> String {
  let pieces = literal.segments.map { segment in
    switch segment {
    case .text(let text): quotedForPlan(text)
    case .param(let name): "\\(\(name.text))"
    }
  }
  return pieces.isEmpty ? "\"\"" : pieces.joined(separator: " + ")
}

private func words(_ value: IntValue) -> String {
  switch value {
  case .literal(let number, _): String(number)
  case .param(let name): "\\(\(name.text))"
  }
}

private func words(_ value: DurationValue) -> String {
  switch value {
  case .literal(let duration, _): words(duration)
  case .param(let name): "\\(\(name.text))"
  }
}

private func words(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
}

private func words(_ value: AmountValue) -> String {
  switch value {
  case .count(let number, _): String(number)
  case .percent(let number, _): "\(number)%"
  case .param(let name): "\\(\(name.text))"
  }
}

private func words(_ value: LiteralValue) -> String {
  switch value.kind {
  case .string(let literal): words(literal)
  case .int(let number): String(number)
  case .version(let version):
    "version " + version.components.map(String.init).joined(separator: ".")
  case .duration(let duration): words(duration)
  case .percent(let number): "\(number)%"
  }
}

private func words(_ reason: RetryClause.Reason) -> String {
  switch reason {
  case .exit(let status): "exit \(status)"
  case .signal: "signal"
  case .timeout: "timeout"
  }
}

private func words(_ condition: Condition) -> String {
  switch condition {
  case .or(let parts, _): "(" + parts.map(words).joined(separator: " or ") + ")"
  case .and(let parts, _): "(" + parts.map(words).joined(separator: " and ") + ")"
  case .not(let inner, _): "not " + words(inner)
  case .exists(let path, _): "exists " + words(path)
  case .compare(let left, let comparison, let right, _):
    words(left) + " \(comparison.rawValue) " + words(right)
  }
}

private func words(_ operand: Condition.Operand) -> String {
  switch operand {
  case .fact(let name): "fact " + name.text
  case .param(let name): "\\(\(name.text))"
  case .literal(let value): words(value)
  }
}
