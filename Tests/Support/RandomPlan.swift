/// Writes random plans that compile without a mistake.
package struct RandomPlan {
  /// What a plan may contain.
  package struct Options: Sendable {
    /// Retries, timeouts, limits, `optional`, conditions and handlers.
    package var hasRules = false
    package var hasRollouts = true
    /// At most about ten steps, for many runs.
    package var isSmall = false

    package init(hasRules: Bool = false, hasRollouts: Bool = true, isSmall: Bool = false) {
      self.hasRules = hasRules
      self.hasRollouts = hasRollouts
      self.isSmall = isSmall
    }
  }

  private var random: SeededRandom
  private let options: Options
  private var text = ""
  private var statements = 0
  private var phases = 0
  private var deploymentJobs: [String] = []
  private var releaseJobs: [String] = []

  private init(seed: UInt64, _ options: Options) {
    random = SeededRandom(seed: seed)
    self.options = options
  }

  /// The text of the plan that belongs to a seed.
  package static func text(seed: UInt64, _ options: Options = Options()) -> String {
    var plan = RandomPlan(seed: seed, options)
    plan.write()
    return plan.text
  }

  private mutating func write() {
    text = "plan random {\n"
    if options.hasRules { writePlanClauses() }
    let names = ["nginx", "app", "postgres", "redis"]
    let most = options.isSmall ? 2 : 3
    for index in 0...(options.isSmall ? (random.oneIn(4) ? 1 : 0) : random.below(3)) {
      let name = "dj\(index)"
      let held = names.shuffled(using: &random).prefix(1 + random.below(most))
      for job in held where !releaseJobs.contains(job) { releaseJobs.append(job) }
      text += "  deployment-job \(name) {\n    release-jobs \(held.joined(separator: ", "))\n"
      text += "    instances \(1 + random.below(most))\n"
      let earlier = deploymentJobs.filter { _ in random.oneIn(3) }
      if !earlier.isEmpty { text += "    after \(earlier.joined(separator: ", "))\n" }
      if random.oneIn(3) { text += "    canaries \(random.pick(["1", "50%", "0"]))\n" }
      text += "  }\n"
      deploymentJobs.append(name)
    }
    for _ in 0...(options.isSmall ? random.below(3) : 1 + random.below(5)) { writeItem() }
    if options.hasRules { writeHandlers(isRetried: false) }
    text += "}\n"
  }

  private mutating func writeItem() {
    switch random.below(10) {
    case 0, 1, 2: text += "  barrier across \(random.pick(wideScopes))\n"
    case 3 where options.hasRollouts:
      text += "  rollout {\n    max-in-flight \(1 + random.below(2))\n"
      for _ in 0...random.below(options.isSmall ? 2 : 3) {
        if random.oneIn(3) {
          text += "  barrier across instance\n"
        } else {
          writePhase(scopes: ["", "per instance"], isInRollout: true)
        }
      }
      if options.hasRules { writeHandlers(isRetried: false, isOfInstance: true) }
      text += "  }\n"
    default: writePhase(scopes: ["", "", ""] + wideScopes.map { "per \($0)" })
    }
  }

  private let wideScopes = ["instance", "deployment-job", "deployment"]

  private mutating func writePhase(scopes: [String], isInRollout: Bool = false) {
    let scope = random.pick(scopes)
    text += "  phase p\(phases) \(scope)"
    phases += 1
    if scope != "per deployment" {
      if random.oneIn(4) { text += " in \(random.pick(deploymentJobs))" }
      if random.oneIn(4) { text += " for \(random.pick(releaseJobs))" }
      if !isInRollout, random.oneIn(4) { text += " side-by-side" }
    }
    text += " {\n"
    let isRetried = options.hasRules && writeRules(isPhase: true)
    for _ in 0..<(random.oneIn(8) ? 0 : 1 + random.below(options.isSmall ? 2 : 3)) {
      writeStatement(scope, depth: 0, isRetried: isRetried)
    }
    if options.hasRules { writeHandlers(isRetried: isRetried) }
    text += "  }\n"
  }

  private mutating func writeStatement(_ scope: String, depth: Int, isRetried: Bool) {
    statements += 1
    let label = "s\(statements)"
    if depth < (options.isSmall ? 1 : 2), random.oneIn(4) {
      let isParallel = random.oneIn(2)
      text += "    \(isParallel ? "parallel" : "sequence") as \(label) {\n"
      let isRetried = options.hasRules && writeRules(isParallel: isParallel) || isRetried
      for _ in 0...random.below(options.isSmall ? 2 : 3) {
        writeStatement(scope, depth: depth + 1, isRetried: isRetried)
      }
      if options.hasRules, random.oneIn(2) { writeHandlers(isRetried: isRetried) }
      text += "    }\n"
      return
    }
    let isOfProcesses = scope.isEmpty || scope == "per instance"
    if options.hasRules, isOfProcesses, random.oneIn(4) {
      text += "    \(random.pick(["start", "start", "stop", "unmonitor"])) as \(label) {"
      writeStepRules(mayRetry: true)
    } else if options.hasRules, random.oneIn(10) {
      let probe = random.pick(["tcp \"127.0.0.1:9\"", "file \"a\"", "command [\"/bin/true\"]"])
      text += "    wait \(probe) as \(label) {"
      writeStepRules(mayRetry: true)
    } else if scope.isEmpty || scope == "per instance", random.oneIn(2) {
      text += "    script \(random.pick(["pre-start", "post-start", "other"]))"
      if scope == "per instance", random.oneIn(3) { text += " for \(random.pick(releaseJobs))" }
      text += " as \(label) {"
      if options.hasRules { writeStepRules(mayRetry: true) }
    } else {
      // Facts in the text give it several templates, which does not affect the order.
      let isOnInstance = scope.isEmpty || scope.contains("instance")
      let more = isOnInstance && statements % 4 == 0 ? ", \"\\(instance.name)\"" : ""
      text += "    run [\"/bin/true\"\(more)] as \(label) {"
      if options.hasRules { writeRun(isRetried: isRetried) }
    }
    text += "}\n"
  }

  // MARK: Rules

  private mutating func writePlanClauses() {
    if random.oneIn(6) { text += "  timeout \(5 + random.below(60))s\n" }
    if random.oneIn(5) { text += "  limit \(1 + random.below(3))\n" }
    if random.oneIn(3) { text += "  default { retry \(random.below(3)) timeout 8s grace 2s }\n" }
  }

  /// What may be in a block.
  ///
  /// Returns whether it has a retry.
  private mutating func writeRules(isPhase: Bool = false, isParallel: Bool = false) -> Bool {
    let hasRetry = random.oneIn(6)
    if hasRetry { writeRetry() }
    if random.oneIn(7) { text += " timeout \(1 + random.below(10))s\n" }
    if random.oneIn(7) { text += " optional\n" }
    if random.oneIn(8) { text += " when exists \"/a\"\n" }
    if isPhase || isParallel, random.oneIn(6) { text += " limit \(1 + random.below(2))\n" }
    return hasRetry
  }

  /// What may be in a `run`.
  ///
  /// Most are idempotent; in retried blocks, all are.
  private mutating func writeRun(isRetried: Bool) {
    let isIdempotent = isRetried || !random.oneIn(3)
    if isIdempotent { text += " idempotent " }
    writeStepRules(mayRetry: isIdempotent)
  }

  private mutating func writeStepRules(mayRetry: Bool) {
    if mayRetry, random.oneIn(2) { writeRetry() }
    if random.oneIn(3) { text += " timeout \(1 + random.below(10))s\n" }
    if random.oneIn(4) { text += " grace \(random.below(3))s\n" }
    if random.oneIn(7) { text += " optional\n" }
    if random.oneIn(8) { text += " when exists \"/a\"\n" }
  }

  private mutating func writeRetry() {
    text += " retry \(1 + random.below(2))"
    if random.oneIn(2) { text += " backoff \(random.pick(["1s", "500ms..4s"]))" }
    if random.oneIn(4) {
      text += " only \(random.pick(["exit 1", "signal", "timeout", "exit 2, timeout"]))"
    }
    text += "\n"
  }

  private mutating func writeHandlers(isRetried: Bool, isOfInstance: Bool = false) {
    for kind in ["on failure", "finally"] where random.oneIn(5) {
      text += "  \(kind) {"
      if random.oneIn(4) { text += " timeout \(1 + random.below(8))s" }
      for _ in 0..<(random.oneIn(3) ? 2 : 1) {
        statements += 1
        if isOfInstance, random.oneIn(2) {
          text += " script pre-start as h\(statements) { timeout 5s }"
          continue
        }
        text += " run [\"/bin/true\"] as h\(statements) {"
        if isRetried || !random.oneIn(3) { text += " idempotent" }
        text += " timeout 5s }"
      }
      text += " }\n"
    }
  }
}
