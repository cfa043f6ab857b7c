import Execution
import PlanGraph
import Words

extension FarMessage {
  /// The message as the payload of a frame.
  package var payload: [UInt8] {
    JSONWriter.bytes { json in json.object { write(&$0) } }
  }

  /// Reads the payload of a frame.
  ///
  /// - Returns: nil for a kind of message that is unknown here, which is to be ignored.
  /// - Throws: why it is no message.
  package init?(payload: ArraySlice<UInt8>) throws(WireFailure) {
    let fields = try Fields(payload: payload)
    switch try fields.text("type") {
    case "welcome": self = .welcome(try VMReport(fields))
    case "refused": self = .refused(try fields.problems())
    case "waiting": self = .waiting(try fields.text("words"))
    case "locked": self = .locked
    case "planned": self = .planned
    case "checked":
      var scripts: [NodeID: UInt64] = [:]
      for script in try fields.objects("scripts", "a script") {
        scripts[try script.node()] = try script.number("digest")
      }
      self = .checked(try fields.problems(), scripts: scripts)
    case "leftovers": self = .leftovers(try WireLeftovers(fields))
    case "settled": self = .settled
    case "begun":
      var underWay: [NodeID: Int] = [:]
      for attempt in try fields.objects("under_way", "an attempt") {
        underWay[try attempt.node()] = try attempt.number("attempt")
      }
      self = .begun(Begun(boot: try fields.text("boot"), underWay: underWay))
    case "started":
      self = .started(
        try fields.node(),
        attempt: try fields.number("attempt"),
        process: try fields.optionalNumber("process")
      )
    case "ended":
      self = .ended(
        try fields.node(),
        attempt: try fields.number("attempt"),
        try AttemptResult(fields),
        took: try fields.optionalDuration("took")
      )
    case "answered": self = .answered(try fields.node(), try fields.flag("holds"))
    case "remark":
      self = .remark(
        Remark(
          node: try fields.node(),
          kind: try fields.flag("warning") ? .warning : .state,
          text: try fields.text("text")
        )
      )
    case "tail": self = .tail(try fields.node(), try WireTail(fields))
    case "finished": self = .finished
    case "pong": self = .pong
    case "failed": self = .failed(try fields.text("words"))
    default: return nil
    }
  }

  private func write(_ json: inout JSONWriter) {
    switch self {
    case .welcome(let report):
      json.field("type", "welcome")
      report.write(&json)
    case .refused(let problems):
      json.field("type", "refused")
      json.problems(problems)
    case .waiting(let words):
      json.field("type", "waiting")
      json.field("words", words)
    case .locked: json.field("type", "locked")
    case .planned: json.field("type", "planned")
    case .checked(let problems, let scripts):
      json.field("type", "checked")
      json.problems(problems)
      json.objects("scripts", scripts.sorted { $0.key < $1.key }) { json, script in
        json.number("node", script.key.index)
        json.number("digest", script.value)
      }
    case .leftovers(let left):
      json.field("type", "leftovers")
      left.write(&json)
    case .settled: json.field("type", "settled")
    case .begun(let begun):
      json.field("type", "begun")
      json.field("boot", begun.boot)
      json.objects("under_way", begun.underWay.sorted { $0.key < $1.key }) { json, attempt in
        json.number("node", attempt.key.index)
        json.number("attempt", attempt.value)
      }
    case .started(let node, let attempt, let process):
      json.attempt("started", node, attempt)
      if let process { json.number("process", process) }
    case .ended(let node, let attempt, let result, let took):
      json.attempt("ended", node, attempt)
      result.write(&json)
      if let took { json.number("took", took.nanoseconds) }
    case .answered(let node, let holds):
      json.node("answered", node)
      json.field("holds", holds)
    case .remark(let remark):
      json.node("remark", remark.node)
      json.field("warning", remark.kind == .warning)
      json.field("text", remark.text)
    case .tail(let node, let tail):
      json.node("tail", node)
      tail.write(&json)
    case .finished: json.field("type", "finished")
    case .pong: json.field("type", "pong")
    case .failed(let words):
      json.field("type", "failed")
      json.field("words", words)
    }
  }
}

extension AttemptResult {
  init(_ fields: Fields) throws(WireFailure) {
    switch try fields.text("result") {
    case "exited": self = .exited(try fields.number("number"))
    case "signalled": self = .signalled(try fields.number("number"))
    case "failed": self = .failed(try fields.text("words"))
    case "refused": self = .refused(try fields.text("words"))
    case "lost": self = .lost
    case "not-started": self = .notStarted
    case let other: throw Fields.unknown("an attempt's result", other)
    }
  }

  func write(_ json: inout JSONWriter) {
    switch self {
    case .exited(let status):
      json.field("result", "exited")
      json.number("number", status)
    case .signalled(let number):
      json.field("result", "signalled")
      json.number("number", number)
    case .failed(let words):
      json.field("result", "failed")
      json.field("words", words)
    case .refused(let words):
      json.field("result", "refused")
      json.field("words", words)
    case .lost: json.field("result", "lost")
    case .notStarted: json.field("result", "not-started")
    }
  }
}

extension WireLeftovers {
  init(_ fields: Fields) throws(WireFailure) {
    for run in try fields.objects("runs", "a run") {
      runs.append(
        Run(
          id: try run.text("id"),
          words: try run.text("words"),
          resume: try run.optionalText("resume"),
          doubtful: try run.texts("doubtful")
        )
      )
    }
    for process in try fields.objects("living", "a process") {
      living.append(
        Process(
          process: try process.number("process"),
          since: try process.optionalText("since"),
          step: try process.text("step"),
          run: try process.optionalText("run")
        )
      )
    }
  }

  func write(_ json: inout JSONWriter) {
    json.objects("runs", runs) { json, run in
      json.field("id", run.id)
      json.field("words", run.words)
      json.field("resume", run.resume)
      json.field("doubtful", run.doubtful)
    }
    json.objects("living", living) { json, process in
      json.number("process", process.process)
      json.field("since", process.since)
      json.field("step", process.step)
      json.field("run", process.run)
    }
  }
}

extension WireTail {
  init(_ fields: Fields) throws(WireFailure) {
    path = try fields.optionalText("path")
    isKnown = try fields.flag("known")
    missing = try fields.optionalText("missing")
    isDiskFull = try fields.flag("disk_full")
    stdout = try fields.bytes("stdout")
    stderr = try fields.bytes("stderr")
  }

  func write(_ json: inout JSONWriter) {
    json.field("path", path)
    json.field("known", isKnown)
    json.field("missing", missing)
    json.field("disk_full", isDiskFull)
    // A log may contain any bytes, and the texts of JSON may not.
    json.bytes("stdout", stdout)
    json.bytes("stderr", stderr)
  }
}

extension Fields {
  func problems() throws(WireFailure) -> [WireProblem] {
    var problems: [WireProblem] = []
    for problem in try objects("problems", "a problem") {
      problems.append(
        WireProblem(
          path: try problem.text("path"),
          what: try problem.text("what"),
          help: try problem.optionalText("help"),
          isWarning: try problem.flag("warning")
        )
      )
    }
    return problems
  }
}

extension JSONWriter {
  mutating func problems(_ problems: [WireProblem]) {
    objects("problems", problems) { json, problem in
      json.field("path", problem.path)
      json.field("what", problem.what)
      json.field("help", problem.help)
      json.field("warning", problem.isWarning)
    }
  }

  mutating func bytes(_ name: StaticString, _ bytes: [UInt8]) {
    field(name, Base64.text(bytes))
  }
}
