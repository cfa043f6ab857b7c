/// A readable description of a syntax tree without its places.
///
/// Use it to examine the parser alone, and to compare the meaning of two texts.
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
      for test in plan.tests { description.add(test) }
    }
  }

  private mutating func add(_ test: TestDecl) {
    line("test", quoted(test.name))
    inside { description in
      description.documentation(test.documentation)
      for statement in test.statements { description.line(words(statement.kind)) }
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
        for handler in rollout.handlers { description.add(handler) }
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
      phase.releaseJobs.isEmpty ? "" : "for " + quoted(phase.releaseJobs),
      phase.releaseJobParam.map { "for \\(\($0.text))" } ?? "",
      phase.sideBySideSpan == nil ? "" : "side-by-side"
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
    line(
      words(step.action),
      step.releaseJobs.isEmpty ? "" : "for " + quoted(step.releaseJobs),
      label(step.label)
    )
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
    case .strict(let value): line("strict", value.map { words($0) } ?? "")
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
