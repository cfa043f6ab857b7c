package import Analysis
import Clock
import Execution
package import PlanGraph
package import Words

/// Writes rehearsed runs and the consequences of single failures as JSON (see docs/what-if.md).
package enum RehearsalJSON {
  /// The version of the documents.
  package static let version = 1

  /// What is known in addition to the run itself.
  package struct Setting {
    /// The request, as on the command line.
    package var whatIf: [String]
    /// Where the durations are from, for people.
    package var durations: String
    /// The known duration of each node; nil if none is known.
    package var known: Table<NodeID, Duration?>
    /// The duration of a step for which none is known.
    package var standard: Duration

    /// Makes a setting.
    package init(
      whatIf: [String],
      durations: String,
      known: Table<NodeID, Duration?>,
      standard: Duration
    ) {
      self.whatIf = whatIf
      self.durations = durations
      self.known = known
      self.standard = standard
    }

    fileprivate func write(_ graph: Graph, to json: inout JSONWriter) {
      json.field("version", RehearsalJSON.version)
      json.field("plan", graph.planName)
      json.field("what_if", whatIf)
      json.name("durations")
      json.object {
        $0.field("origin", durations)
        $0.field("measured_steps", known.count { $0 != nil })
        $0.field("steps", graph.stepCount)
        $0.field("standard", standard)
      }
    }
  }

  /// Writes one rehearsed run.
  ///
  /// - Parameters:
  ///   - rehearsal: with its trace.
  ///   - setting: what is known in addition to the run.
  ///   - resume: what a resume would do with each step, in a word, and why; empty if there is
  ///     nothing to resume.
  ///   - json: where to.
  package static func write(
    _ rehearsal: Rehearsal,
    _ setting: Setting,
    resume: [(node: NodeID, verdict: String, reason: String)],
    to json: inout JSONWriter
  ) {
    let graph = rehearsal.run.graph
    json.object { json in
      setting.write(graph, to: &json)
      writeEnd(rehearsal.ending, rehearsal.exitStatus, rehearsal.elapsed, to: &json)
      json.field("hanging", rehearsal.hanging.map(graph.name))
      json.field("handlers", rehearsal.run.enteredHandlers.map { graph.name(graph[$0].begin) })
      json.name("failures")
      json.array { writeFailures(rehearsal.run, to: &$0) }
      json.name("steps")
      json.array { writeSteps(rehearsal.run, to: &$0) }
      json.name("timeline")
      json.array { writeTimeline(rehearsal, to: &$0) }
      json.name("resume")
      json.array { json in
        for (node, verdict, reason) in resume {
          json.lineBreak()
          json.object {
            $0.field("step", graph.name(node))
            $0.field("verdict", verdict)
            $0.field("reason", reason)
          }
        }
      }
    }
  }

  /// Writes the consequences of single failures.
  package static func write(
    _ failures: SingleFailures,
    _ graph: Graph,
    _ setting: Setting,
    to json: inout JSONWriter
  ) {
    json.object { json in
      setting.write(graph, to: &json)
      json.field("tried", failures.tried)
      json.field("left_out", failures.leftOut)
      json.name("rows")
      json.array { json in
        for row in failures.rows {
          json.lineBreak()
          json.object { json in
            json.field("steps", row.nodes.map(graph.name))
            json.field("untried_steps", row.untried)
            let result = row.consequence
            writeEnd(result.ending, result.exitStatus, result.elapsed, to: &json)
            json.field("unstarted", result.unstarted)
            json.field("handlers", result.handlers)
          }
        }
      }
    }
  }

  private static func writeEnd(
    _ ending: Rehearsal.Ending,
    _ status: Int32?,
    _ elapsed: Duration,
    to json: inout JSONWriter
  ) {
    let word =
      switch ending {
      case .finished(.succeeded): "succeeded"
      case .finished(.failed): "failed"
      case .finished(.cancelled): "cancelled"
      case .neverEnds: "never-ends"
      case .tooLong: "too-long"
      }
    json.field("outcome", word)
    json.field("exit_status", status.map(Int.init))
    json.field("elapsed", elapsed)
  }

  private static func writeFailures(_ run: Run, to json: inout JSONWriter) {
    let graph = run.graph
    for (node, failure) in run.failures.sorted(by: { $0.key < $1.key })
    where failure != .cancelled {
      json.lineBreak()
      json.object {
        $0.field("step", graph.name(node))
        $0.field("reason", describe(failure))
        $0.field("blocked", run.stepsBlocked(by: node).map(graph.name))
      }
    }
    for block in run.blockTimeouts.sorted() {
      json.lineBreak()
      json.object {
        $0.field("block", graph.name(graph[block].begin))
        $0.field("reason", describe(StepFailure.timedOut))
        $0.field("blocked", run.stepsBlocked(by: graph[block].end).map(graph.name))
      }
    }
  }

  private static func writeSteps(_ run: Run, to json: inout JSONWriter) {
    for node in run.graph.nodes.indices where run.graph[node].kind == .step {
      json.lineBreak()
      json.object {
        $0.field("step", run.graph.name(node))
        $0.field("state", run[node].word)
        $0.field("attempts", run.attempts(of: node))
      }
    }
  }

  private static func writeTimeline(_ rehearsal: Rehearsal, to json: inout JSONWriter) {
    let graph = rehearsal.run.graph
    for entry in rehearsal.trace {
      let at = entry.moment.sinceOrigin
      switch entry.occurrence {
      case .told(let announcement):
        json.lineBreak()
        json.object {
          $0.field("at", at)
          write(announcement, graph, to: &$0)
        }
      default: continue
      }
    }
  }

  private static func write(
    _ announcement: Announcement,
    _ graph: Graph,
    to json: inout JSONWriter
  ) {
    func step(_ event: String, _ node: NodeID, attempt: Int? = nil, _ json: inout JSONWriter) {
      json.field("event", event)
      json.field("step", graph.name(node))
      if let attempt { json.field("attempt", attempt) }
    }
    func block(_ event: String, _ block: BlockID, _ json: inout JSONWriter) {
      json.field("event", event)
      json.field("block", graph.name(graph[block].begin))
    }
    switch announcement {
    case .attemptStarted(let node, let attempt):
      step("attempt-started", node, attempt: attempt, &json)
    case .attemptAdopted(let node, let attempt):
      step("attempt-adopted", node, attempt: attempt, &json)
    case .attemptLost(let node, let attempt): step("attempt-lost", node, attempt: attempt, &json)
    case .attemptFailed(let node, let attempt, let failure, let pause):
      step("attempt-failed", node, attempt: attempt, &json)
      json.field("reason", describe(failure))
      json.field("retry_after", pause)
    case .stepSucceeded(let node, let attempts):
      step("step-succeeded", node, &json)
      json.field("attempts", attempts)
    case .stepFailed(let node, let attempts, let failure, let isOptional):
      step(failure == .cancelled ? "step-cancelled" : "step-failed", node, &json)
      json.field("attempts", attempts)
      json.field("reason", describe(failure))
      json.field("optional", isOptional)
    case .stepSkipped(let node, let reason):
      step("step-skipped", node, &json)
      json.field("reason", reason)
    case .barrierPassed(let node):
      json.field("event", "barrier-passed")
      json.field("barrier", graph.name(node))
    case .blockRetried(let id, let attempt, let pause):
      block("block-retried", id, &json)
      json.field("attempt", attempt)
      json.field("retry_after", pause)
    case .blockTimedOut(let id): block("block-timed-out", id, &json)
    case .handlerEntered(let id): block("handler-entered", id, &json)
    case .timedOut(let node, let attempt): step("timed-out", node, attempt: attempt, &json)
    case .killed(let node, let attempt): step("killed", node, attempt: attempt, &json)
    case .halted: json.field("event", "halted")
    case .stopping(let signal, _):
      json.field("event", "cancelled")
      json.field("signal", Int(signal))
    case .remark(let remark):
      step("remark", remark.node, &json)
      json.field("warning", remark.kind == .warning)
      json.field("text", remark.text)
    }
  }
}
