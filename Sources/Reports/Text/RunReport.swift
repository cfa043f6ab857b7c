import Analysis
package import Execution
package import PlanGraph
package import Words

/// What can be read of a failed step's output.
package struct FailureEvidence: Sendable {
  /// Its two logs, without `.stdout.log` and `.stderr.log`; nil where it has none.
  package var path: String?
  /// Whether it is known where in them its last attempt began to write.
  package var isKnown: Bool
  /// The last bytes that its last attempt wrote to its standard error.
  package var stderr: [UInt8]
  /// The last bytes that its last attempt wrote to its standard output.
  package var stdout: [UInt8]
  /// Whether there is no space left for what it writes there.
  package var isDiskFull = false
  /// What was still missing when its last attempt ended; nil where that is not known.
  package var missing: String?

  /// Makes evidence; without `isKnown` there are logs and nobody can tell what in them is whose.
  package init(
    path: String?,
    isKnown: Bool = true,
    stderr: [UInt8] = [],
    stdout: [UInt8] = []
  ) {
    self.path = path
    self.isKnown = isKnown
    self.stderr = stderr
    self.stdout = stdout
  }
}

/// The end of a run in words: what failed, why, where to read on, what it kept from starting.
package struct RunReport {
  private let run: Run
  private let graph: Graph
  private let names: NodeNames
  private let style: Style
  private let evidence: (NodeID) -> FailureEvidence

  private static let width = 80
  /// How many failures are told in full, and how many lines of output of each.
  private static let mostFailures = 20
  private static let mostLines = 5

  /// Makes the report of a run that has ended.
  package init(_ run: Run, style: Style, evidence: @escaping (NodeID) -> FailureEvidence) {
    self.run = run
    graph = run.graph
    names = NodeNames(run.graph)
    self.style = style
    self.evidence = evidence
  }

  /// Writes it.
  ///
  /// - Parameters:
  ///   - outcome: how it ended, which the run itself does not know when it was cut short.
  ///   - elapsed: how long it took.
  ///   - isRecorded: whether all of it is; one that is not never counts as succeeded.
  ///   - output: where to.
  package func write(
    outcome: RunOutcome,
    elapsed: Duration,
    isRecorded: Bool = true,
    to output: inout TextOutput
  ) {
    let failed = run.failures.keys.sorted().filter { run.failures[$0] != .cancelled }
    let late = run.blockTimeouts.sorted()
    if !failed.isEmpty || !late.isEmpty { output.line() }
    writeCounts(late, to: &output)
    writeCounts(failed, to: &output)
    for block in late.prefix(Self.mostFailures) { writeTimeout(block, to: &output) }
    for node in failed.prefix(Self.mostFailures) { writeFailure(node, to: &output) }
    if failed.count > Self.mostFailures {
      output.line("  and \(counted(failed.count - Self.mostFailures, "more failure"))")
    }
    output.line()
    if run.stopping == .failure {
      let mode = run.policy.failureMode
      let what = mode == .abort ? "what ran was asked to end" : "nothing new was started"
      output.line("\(what) after the failure (--on-failure \(mode.rawValue))")
    }
    writeSummary(outcome, elapsed, isRecorded, to: &output)
  }

  /// Of each phase or other block, how often its time was over.
  private func writeCounts(_ late: [BlockID], to output: inout TextOutput) {
    var seen: Set<BlockTemplateID> = []
    for block in late where seen.insert(graph[block].template).inserted {
      let template = graph.template(block)
      let kind =
        switch template.kind {
        case .plan: "plan"
        case .phase: "phase"
        case .parallel, .sequence, .rollout, .rolloutEntry: "block"
        case .onFailure, .finally: "handler"
        }
      let count = late.count { graph[$0].template == graph[block].template }
      let total = graph.blocks.count { $0.template == graph[block].template }
      let times = total == 1 ? "" : ": \(count) of \(total)"
      let words = "\(kind) \(template.name) timed out\(times)"
      output.line(style.paint(shortened(words, to: Self.width), .bad))
    }
  }

  private func writeTimeout(_ block: BlockID, to output: inout TextOutput) {
    let template = graph.template(block)
    let path = graph.subjects.path(graph[block].subject)
    let name = path.isEmpty ? template.name : "\(template.name):\(path)"
    output.line()
    output.line("  \(style.paint(shortened(name, to: Self.width - 2), .strong))")
    let limit =
      template.timeout.map { "timed out: \($0.forPeople) in all were over" } ?? "timed out"
    let optional = run[graph[block].end].isPassed ? ", optional: what comes after it went on" : ""
    output.line("    \(limit)\(optional)")
    writeBlocked(by: graph[block].end, to: &output)
  }

  private func writeBlocked(by node: NodeID, to output: inout TextOutput) {
    guard let blocked = blockedWords(by: node) else { return }
    for line in wrapped(blocked, width: Self.width - 4) { output.line("    \(line)") }
  }

  /// As BOSH counts: of each phase, among the steps of one kind.
  private func writeCounts(_ failed: [NodeID], to output: inout TextOutput) {
    func statement(_ node: Node) -> StepTemplateID { graph.statement(node.template) }
    var templates: [StepTemplateID] = []
    for node in failed where !templates.contains(statement(graph[node])) {
      templates.append(statement(graph[node]))
    }
    if templates.isEmpty { return }
    var failures: [StepTemplateID: Int] = [:]
    var all: [StepTemplateID: Int] = [:]
    for node in failed { failures[statement(graph[node]), default: 0] += 1 }
    for node in graph.nodes where node.kind == .step { all[statement(node), default: 0] += 1 }
    for template in templates {
      let total = all[template] ?? 0
      let kind = names.kind(of: graph.steps[template], count: total)
      output.line(
        style.paint(
          shortened("\(failures[template] ?? 0) of \(total) \(kind) failed", to: Self.width),
          .bad
        )
      )
    }
  }

  private func writeFailure(_ node: NodeID, to output: inout TextOutput) {
    guard let failure = run.failures[node] else { return }
    output.line()
    output.line("  \(style.paint(shortened(names.full(node), to: Self.width - 2), .strong))")
    let attempts = run.attempts(of: node)
    let tries = attempts > 1 ? ", \(attempts) attempts" : ""
    let optional = run[node] == .failedOptional ? ", optional: what comes after it went on" : ""
    for line in wrapped(
      safeForTerminal("\(describe(failure))\(tries)\(optional)"),
      width: Self.width - 4
    ) {
      output.line("    \(line)")
    }
    let evidence = evidence(node)
    if failure == .timedOut, let missing = evidence.missing {
      for line in wrapped(safeForTerminal(missing), width: Self.width - 4) {
        output.line("    \(line)")
      }
    }
    writeEvidence(evidence, hasRun: !failure.isBeforeStart, to: &output)
    writeBlocked(by: node, to: &output)
  }

  /// A path is to be copied, so it is never cut.
  private func writeEvidence(
    _ evidence: FailureEvidence,
    hasRun: Bool,
    to output: inout TextOutput
  ) {
    guard let path = evidence.path else { return }
    if evidence.isDiskFull { output.line("    the disk that its logs are on is full") }
    let shownPath = safeForTerminal(path)
    for (tail, name) in [(evidence.stderr, "error"), (evidence.stdout, "output")] {
      let lines = lastLines(tail)
      if lines.isEmpty { continue }
      output.line("    the last that it wrote to its standard \(name):")
      for line in lines { output.line("      | \(line)") }
      output.line("    all of it:")
      output.line("    \(shownPath).\(name == "error" ? "stderr" : "stdout").log")
      return
    }
    if hasRun {
      output.line("    \(evidence.isKnown ? "it wrote nothing; its logs are" : "its logs are")")
      output.line("    \(shownPath).{stdout,stderr}.log")
    }
  }

  private func lastLines(_ tail: [UInt8]) -> [String] {
    let lines = tail.split(separator: UInt8(ascii: "\n")).suffix(Self.mostLines)
    return lines.map {
      shortened(safeForTerminal(String(decoding: $0, as: UTF8.self)), to: Self.width - 8)
    }
  }

  /// What never started because of it, by phase.
  private func blockedWords(by node: NodeID) -> String? {
    var phases: [(item: ItemID, count: Int)] = []
    for step in run.stepsBlocked(by: node) {
      let item = graph.item(step)
      if let index = phases.firstIndex(where: { $0.item == item }) {
        phases[index].count += 1
      } else {
        phases.append((item, 1))
      }
    }
    if phases.isEmpty { return nil }
    let words = phases.sorted { $0.item < $1.item }.map {
      "\($0.count) of \(graph.items[$0.item].name)"
    }
    let total = phases.reduce(0) { $0 + $1.count }
    return "not started because of it: \(counted(total, "step")) (\(words.joined(separator: ", ")))"
  }

  private func writeSummary(
    _ outcome: RunOutcome,
    _ elapsed: Duration,
    _ isRecorded: Bool,
    to output: inout TextOutput
  ) {
    var counts: [NodeState: Int] = [:]
    for (id, node) in zip(graph.nodes.indices, graph.nodes)
    where node.kind == .step && isCounted(node) {
      // What was cancelled before it began was not started, for people.
      let isUnstarted = run[id] == .cancelled && run.attempts(of: id) == 0
      counts[isUnstarted ? .blocked : run[id], default: 0] += 1
    }
    func count(_ states: NodeState...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
    // No release job has what the plan is about: a success, as in BOSH, yet not one to overlook.
    var words = [counts.isEmpty ? "there was nothing to do" : "\(count(.succeeded)) succeeded"]
    let others = [
      (count(.failed, .failedOptional), "failed"), (count(.skipped), "skipped"),
      (count(.cancelled, .backingOff), "cancelled"), (count(.running), "cut short"),
      (count(.blocked, .waiting, .asking, .queued, .admitted), "not started"),
    ]
    for (number, word) in others where number > 0 { words.append("\(number) \(word)") }
    let (verdict, tone): (String, Style.Tone) =
      switch outcome {
      case .succeeded where !isRecorded: ("ended, not all of it recorded,", .bad)
      case .succeeded: ("succeeded", .good)
      case .failed: ("failed", .bad)
      case .cancelled(let signal): ("stopped by \(signalName(signal))", .bad)
      }
    let head = "\(graph.planName) \(verdict)"
    let text = "\(head) after \(elapsed.measured): \(words.joined(separator: ", "))"
    for line in wrapped(text, width: Self.width) {
      let isHead = line.hasPrefix(head)
      output.line(isHead ? style.paint(head, tone) + line.dropFirst(head.count) : line)
    }
  }

  /// Steps of handlers that were not entered are no part of what did not happen.
  private func isCounted(_ node: Node) -> Bool {
    let handler = graph.blocks(from: node.block).first { graph.template($0).kind.isHandler }
    return handler.map { run[graph[$0].begin] != .waiting } ?? true
  }
}

extension StepFailure {
  /// Whether nothing of the step's own has run.
  fileprivate var isBeforeStart: Bool {
    if case .failed = self { return true }
    return false
  }
}
