import Execution
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// Says for every step of a run why it would run, or would not, if the run were resumed now.
struct ResumeExplanation {
  private let past: RecordedPast
  private let record: (NodeID) -> HeldState

  /// Makes an explanation.
  ///
  /// - Parameters:
  ///   - past: what was recorded.
  ///   - record: what a holder's record says of a step that is not idempotent.
  init(_ past: RecordedPast, record: @escaping (NodeID) -> HeldState) {
    self.past = past
    self.record = record
  }

  /// Writes it: a line for the step, and one for the reason.
  func write(to output: inout TextOutput) {
    let graph = past.run.graph
    output.line("run \(past.contents.header.run) of the plan \(graph.planName): \(outcome)")
    var counts: [String: Int] = [:]
    for (node, outlook) in past.run.outlook() {
      let (word, reason) = words(outlook, node)
      counts[word, default: 0] += 1
      let name = shortened(safeForTerminal(graph.name(node)), to: 80 - 10)
      output.line("  \(word.padding(to: 6))  \(name)")
      for line in wrapped(safeForTerminal(reason), width: 80 - 10) {
        output.line("          \(line)")
      }
    }
    let summary = ["run", "wait", "ask", "maybe", "keep"].compactMap { word in
      counts[word].map { "\($0) \(word)" }
    }
    output.line(summary.joined(separator: ", "))
  }

  private var outcome: String {
    switch past.run.outcome {
    case .succeeded: "it has succeeded"
    case .failed: "it failed"
    case .cancelled(let signal): "it was stopped by \(signalName(signal))"
    case nil: "it was broken off"
    }
  }

  private func words(_ outlook: ResumeOutlook, _ node: NodeID) -> (word: String, reason: String) {
    switch outlook {
    case .passed(.succeeded): ("keep", "succeeded")
    case .passed(.failedOptional): ("keep", "failed, is optional, and what comes after it went on")
    case .passed: ("keep", "was skipped")
    case .againWithBlock:
      ("run", "succeeded, but a handler of its block has run, so all of the block runs again")
    case .seenThrough: underWay(node)
    case .again(let failure?): ("run", "failed: \(describe(failure))")
    case .again(nil): ("run", "was cut short")
    case .first: ("run", "was not started")
    case .doubtful:
      isLost(node)
        ? (
          "ask",
          "is not idempotent, and only a person can tell whether its work is done: --assume"
        ) : underWay(node)
    case .assumed(.done): ("keep", "is assumed to be done")
    case .assumed(.again): ("run", "is assumed to need another run")
    case .ifEntered: ("maybe", "belongs to a handler, which runs if it is entered")
    }
  }

  private func isLost(_ node: NodeID) -> Bool {
    past.run[node] != .running || record(node) == .lost
  }

  private func underWay(_ node: NodeID) -> (word: String, reason: String) {
    switch past.run.graph.step(node)?.isIdempotent == false ? record(node) : .lost {
    case .absent: return ("run", "was about to be started")
    case .running(let process): return ("wait", "is still under way, as process \(process)")
    case .ended: return ("keep", "ended after the run was broken off, and it is known how")
    case .lost: break
    }
    if let start = past.starts[node], start.isAlive, let process = start.process {
      return ("wait", "is still under way, as process \(process.identifier), and runs again then")
    }
    return ("run", "was cut short")
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}
