package import Execution
package import PlanGraph
import PlanLanguage
package import Words

/// Writes all that a dry-run knows as one JSON document (docs/dry-run.md has every field).
///
/// What many steps share is written once, as a statement, and steps refer to it by its number. So a
/// plan of a few lines on many instances makes a short document. Takes linear time; only the last
/// piece of the document is in memory.
package struct DryRunJSON {
  /// What is known in addition to the graph.
  package struct Sources {
    /// The VM's folder of each deployment job or instance; an empty name stands for all others.
    package var machines: [(name: String, root: String)]
    package var untouched: [Untouched]
    package var problems: [(path: String, what: String, help: String?)]
    package var passedOver: [NodeID: RunPolicy.PassOver]
    package var overlay: RunOverlay?
    /// The size of the persistent disk of every VM in MiB; nil if they differ.
    package var persistentDisk: Int?
    /// Where logs are, relative to the VM's folder.
    package var logsPath: String
    /// The path of a step's logs without `.stdout.log`, relative to the VM's folder; by its
    /// template.
    package var logStem: (StepTemplateID) -> String?
    /// The number of a step's script; nil if it has none or the script is missing.
    package var script: (NodeID) -> Int?
    /// All scripts, by their numbers; called last.
    package var scripts: () -> [(path: String, facts: ScriptFacts)]
    /// What the supervisors answered, as JSON; nil if none was asked.
    package var supervisors: [UInt8]?

    /// Makes the sources.
    package init(
      machines: [(name: String, root: String)],
      untouched: [Untouched] = [],
      problems: [(path: String, what: String, help: String?)],
      passedOver: [NodeID: RunPolicy.PassOver],
      overlay: RunOverlay?,
      persistentDisk: Int?,
      logsPath: String,
      logStem: @escaping (StepTemplateID) -> String?,
      script: @escaping (NodeID) -> Int?,
      scripts: @escaping () -> [(path: String, facts: ScriptFacts)],
      supervisors: [UInt8]?
    ) {
      self.machines = machines
      self.untouched = untouched
      self.problems = problems
      self.passedOver = passedOver
      self.overlay = overlay
      self.persistentDisk = persistentDisk
      self.logsPath = logsPath
      self.logStem = logStem
      self.script = script
      self.scripts = scripts
      self.supervisors = supervisors
    }
  }

  /// A number that changes when programs that read the document have to change.
  package static let version = 1

  private let graph: Graph
  private let sources: Sources
  private let words: StepWords

  /// Prepares the document.
  package init(_ graph: Graph, _ sources: Sources) {
    self.graph = graph
    self.sources = sources
    words = StepWords(graph)
  }

  /// Writes it.
  package func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("version", Self.version)
      json.field("plan", graph.planName)
      json.field("documentation", graph.documentation)
      json.field("files", graph.sources.map(\.name))
      json.objects("machines", sources.machines) {
        $0.field("name", $1.name)
        $0.field("root", $1.root)
      }
      json.field("steps", graph.stepCount)
      json.field("left_out", sources.passedOver.count)
      json.field("would_start", sources.problems.isEmpty)
      json.objects("untouched", sources.untouched) {
        $0.field("root", $1.root)
        $0.field("instances", $1.instances)
        $0.field("release_jobs", $1.releaseJobs)
      }
      json.objects("problems", sources.problems) {
        $0.field("path", $1.path)
        $0.field("what", $1.what)
        $0.field("help", $1.help)
      }
      writeRun(&json)
      if let supervisors = sources.supervisors {
        json.name("supervisors")
        json.raw(supervisors)
      }
      json.name("limits")
      json.array { json in for limit in graph.limits { json.value(limit) } }
      writePhases(&json)
      writeBlocks(&json)
      writeStatements(&json)
      DryRunNodes(graph, sources, words).write(&json)
      writeScripts(&json)
    }
  }

  private func writeRun(_ json: inout JSONWriter) {
    guard let overlay = sources.overlay else { return }
    json.name("run")
    json.object {
      $0.field("name", overlay.run)
      $0.field("outcome", overlay.outcome)
      $0.field("plan_has_changed", overlay.isOfChangedPlan || overlay.isMatchedByNames)
      $0.field("steps_gone", overlay.gone)
    }
  }

  private func writePhases(_ json: inout JSONWriter) {
    json.name("phases")
    json.array { json in
      for item in graph.items {
        json.lineBreak()
        json.object {
          $0.field("kind", Self.word(item.kind))
          $0.field("name", item.name)
          $0.field("documentation", item.documentation)
          $0.field("rollout", item.rollout.map { Int($0.index) })
        }
      }
    }
  }

  private static func word(_ kind: GraphItem.Kind) -> String {
    switch kind {
    case .phase: "phase"
    case .barrier: "barrier"
    case .rollout: "rollout"
    case .planHandlers: "plan-handlers"
    }
  }

  // MARK: Blocks

  private func writeBlocks(_ json: inout JSONWriter) {
    json.name("block_statements")
    json.array { json in
      for block in graph.blockTemplates {
        json.lineBreak()
        json.object { json in
          json.field("kind", Self.word(block.kind))
          json.field("name", block.name)
          json.field("phase", Int(block.item.index))
          Self.write(block.retry, &json)
          json.field("timeout", block.timeout)
          json.field("optional", block.isOptional)
          json.field("condition", block.condition.map(words.condition))
          json.field("skipped", block.skipReason)
          json.field("at_a_time", block.slots)
          json.name("limits")
          json.array { json in for limit in block.limits { json.value(limit.index) } }
        }
      }
    }
    json.name("blocks")
    json.array { json in
      for block in graph.blocks {
        json.lineBreak()
        json.object {
          $0.field("statement", Int(block.template.index))
          $0.field("subject", graph.subjects.path(block.subject))
          $0.field("parent", Self.number(block.parent))
          $0.field("begin", Int(block.begin.index))
          $0.field("end", Int(block.end.index))
          $0.field("on_failure", Self.number(block.onFailure))
          $0.field("finally", Self.number(block.finally))
        }
      }
    }
  }

  private static func number(_ block: BlockID) -> Int? { block == .none ? nil : Int(block.index) }

  private static func word(_ kind: BlockTemplate.Kind) -> String {
    switch kind {
    case .plan: "plan"
    case .phase: "phase"
    case .parallel: "parallel"
    case .sequence: "sequence"
    case .onFailure: "on-failure"
    case .finally: "finally"
    case .rollout: "rollout"
    case .rolloutEntry: "rollout-entry"
    }
  }

  // MARK: Statements

  private func writeStatements(_ json: inout JSONWriter) {
    var lines = LineCounter(graph.sources)
    json.name("statements")
    json.array { json in
      // Most steps of a long plan have the same rules as the step before.
      var last: (step: StepTemplateID, pause: Pause, rules: [UInt8])?
      for (id, step) in zip(graph.steps.indices, graph.steps) {
        let pause = Pause(step.action)
        let isAsBefore = last.map {
          $0.pause == pause && graph.steps[$0.step].sharesRules(with: step)
        }
        if isAsBefore != true { last = (id, pause, rules(of: step, pause)) }
        json.lineBreak()
        json.object { json in
          json.field("phase", Int(step.item.index))
          json.field("name", step.name)
          json.name("action")
          json.object { Self.write(step.action, &$0) }
          if let last { json.raw(last.rules) }
          json.field("documentation", step.documentation)
          json.field("file", step.location.file.index)
          json.field("line", lines.line(of: step.location))
        }
      }
    }
  }

  /// Which field a statement has that only some actions have.
  private enum Pause {
    case settle
    case strict
    case every
    case none

    init(_ action: StepAction) {
      switch action {
      case .start, .startUnits: self = .settle
      case .wait: self = .every
      case .drain: self = .strict
      case .script, .run, .stop, .stopUnits, .unmonitor: self = .none
      }
    }
  }

  /// The fields of a statement that several statements may share, as they are in the object.
  private func rules(of step: StepTemplate, _ pause: Pause) -> [UInt8] {
    JSONWriter.bytes { json in
      json.field("attempts", (step.retry?.count ?? 0) + 1)
      Self.write(step.retry, &json)
      json.field("timeout", step.timeout)
      json.field("grace", step.grace)
      switch pause {
      case .settle: json.field("settle", step.settle)
      case .every: json.field("every", step.every)
      case .strict: json.field("strict", step.isStrict)
      case .none: break
      }
      let environment = step.foundEnvironment(persistentDisk: sources.persistentDisk)
      json.objects("environment", environment) {
        $0.field("name", $1.name)
        $0.field("value", $1.shown)
        $0.field("secret", $1.isSecret)
      }
      json.field("idempotent", step.isIdempotent)
      json.field("optional", step.isOptional)
      json.field("condition", step.condition.map(words.condition))
      json.field("skipped", step.skipReason)
      json.name("limits")
      json.array { json in for limit in step.limits { json.value(limit.index) } }
    }
  }

  private static func write(_ retry: Retry?, _ json: inout JSONWriter) {
    json.name("retry")
    guard let retry else { return json.null() }
    json.object { json in
      json.field("count", retry.count)
      json.field("pause_from", retry.low)
      json.field("pause_to", retry.high)
      let only = retry.only.map { reason in
        switch reason {
        case .exit(let status): "exit \(status)"
        case .signal: "signal"
        case .timeout: "timeout"
        }
      }
      json.field("only", only.sorted())
    }
  }

  private static func write(_ action: StepAction, _ json: inout JSONWriter) {
    switch action {
    case .script(let name):
      json.field("kind", "script")
      json.field("script", name)
    case .run(let command):
      json.field("kind", "run")
      json.field("arguments", command.vector)
    case .wait(.tcp(let address)):
      json.field("kind", "wait-tcp")
      json.field("address", address)
    case .wait(.file(let path)):
      json.field("kind", "wait-file")
      json.field("path", path)
    case .wait(.command(let command)):
      json.field("kind", "wait-command")
      json.field("arguments", command.vector)
    case .start: json.field("kind", "start")
    case .stop: json.field("kind", "stop")
    case .startUnits(let units):
      json.field("kind", "start-unit")
      json.field("units", units)
    case .stopUnits(let units):
      json.field("kind", "stop-unit")
      json.field("units", units)
    case .unmonitor: json.field("kind", "unmonitor")
    case .drain: json.field("kind", "drain")
    }
  }

  private func writeScripts(_ json: inout JSONWriter) {
    json.name("scripts")
    json.array { json in
      for (path, facts) in sources.scripts() {
        json.lineBreak()
        json.object {
          $0.field("path", path)
          $0.field("first_line", facts.firstLine)
          $0.field("size", facts.size)
          $0.field("mode", String(facts.mode, radix: 8))
          $0.field("sha256", facts.sha256)
        }
      }
    }
  }
}

/// Finds the line of each location; fast where each location follows the one before it.
struct LineCounter {
  private let sources: [SourceFile]
  private var file = -1
  private var offset = 0
  private var number = 1

  init(_ sources: [SourceFile]) { self.sources = sources }

  /// The line of a location, from 1.
  mutating func line(of location: Location) -> Int {
    guard sources.indices.contains(location.file.index) else { return 0 }
    if location.file.index != file || location.span.start < offset {
      (file, offset, number) = (location.file.index, 0, 1)
    }
    let bytes = sources[file].bytes
    let end = min(Int(location.span.start), bytes.count)
    bytes.withUnsafeBufferPointer {
      for byte in $0[offset..<end] where byte == UInt8(ascii: "\n") { number += 1 }
    }
    offset = end
    return number
  }
}
