import Analysis
package import Execution
package import PlanGraph
package import Words

/// What is known of a failed step's output.
package struct FailureEvidence: Sendable {
  /// Its two logs, without `.stdout.log` and `.stderr.log`; nil if it has none.
  package var path: String?
  /// Whether it is known where in the logs the output of its last attempt begins.
  package var isKnown: Bool
  /// The last bytes that its last attempt wrote to standard error.
  package var stderr: [UInt8]
  /// The last bytes that its last attempt wrote to standard output.
  package var stdout: [UInt8]
  /// Whether the disk with the logs is full.
  package var isDiskFull = false
  /// What was still missing when its last attempt ended; nil if it is not known.
  package var missing: String?

  /// Makes evidence; without `isKnown`, it has logs but not what the last attempt wrote.
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

/// The end of a run in words: what failed, why, where its logs are, what did not start because of
/// it.
package struct RunReport {
  private let run: Run
  private let graph: Graph
  private let names: NodeNames
  private let style: Style
  private let evidence: (NodeID) -> FailureEvidence

  private static let width = 80
  /// How many failures are described in full, and how many lines of output each shows.
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
  ///   - outcome: how it ended. The run itself does not know that if it was interrupted.
  ///   - elapsed: how long it took.
  ///   - isRecorded: whether all of it is recorded; if not, it does not count as succeeded.
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
      let what = mode == .abort ? "running steps were asked to end" : "nothing new was started"
      output.line("\(what) after the failure (--on-failure \(mode.rawValue))")
    }
    writeSummary(outcome, elapsed, isRecorded, to: &output)
  }

  /// How often each phase or other block timed out.
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
      template.timeout.map { "timed out after \($0.forPeople) in all" } ?? "timed out"
    let optional = run[graph[block].end].isPassed ? ", optional: later steps went on" : ""
    output.line("    \(limit)\(optional)")
    writeBlocked(by: graph[block].end, to: &output)
  }

  private func writeBlocked(by node: NodeID, to output: inout TextOutput) {
    guard let blocked = blockedWords(by: node) else { return }
    for line in wrapped(blocked, width: Self.width - 4) { output.line("    \(line)") }
  }

  /// Counts as BOSH does: failures among the steps of one kind in a phase.
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
    let optional = run[node] == .failedOptional ? ", optional: later steps went on" : ""
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

  /// People copy the path, so it is never cut.
  private func writeEvidence(
    _ evidence: FailureEvidence,
    hasRun: Bool,
    to output: inout TextOutput
  ) {
    guard let path = evidence.path else { return }
    if evidence.isDiskFull { output.line("    the disk with its logs is full") }
    let shownPath = safeForTerminal(path)
    for (tail, name) in [(evidence.stderr, "error"), (evidence.stdout, "output")] {
      let lines = lastLines(tail)
      if lines.isEmpty { continue }
      output.line("    its last lines on standard \(name):")
      for line in lines { output.line("      | \(line)") }
      output.line("    full log:")
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

  /// What did not start because of it, by phase.
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
      // For people, a step that was cancelled before it began was not started.
      let isUnstarted = run[id] == .cancelled && run.attempts(of: id) == 0
      counts[isUnstarted ? .blocked : run[id], default: 0] += 1
    }
    func count(_ states: NodeState...) -> Int { states.reduce(0) { $0 + (counts[$1] ?? 0) } }
    // No release job has a script or process for the plan. That is a success, as in BOSH, but
    // people must see it.
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

  /// Whether a step counts: steps of handlers that were not entered do not.
  private func isCounted(_ node: Node) -> Bool {
    let handler = graph.blocks(from: node.block).first { graph.template($0).kind.isHandler }
    return handler.map { run[graph[$0].begin] != .waiting } ?? true
  }
}

extension StepFailure {
  /// Whether the step failed before anything of it ran.
  fileprivate var isBeforeStart: Bool {
    if case .failed = self { return true }
    return false
  }
}
