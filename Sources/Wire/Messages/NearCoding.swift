import Execution
import PlanGraph
import Words

extension NearMessage {
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
    case "hello":
      self = .hello(
        Hello(
          version: try fields.number("version"),
          root: try fields.optionalText("root"),
          run: try fields.optionalText("run")
        )
      )
    case "lock": self = .lock(patience: try fields.duration("patience"))
    case "plan": self = .plan(try PlanPart(fields))
    case "check":
      self = .check(
        supervisor: try fields.text("supervisor"),
        leavingOut: (try fields.numbers("leaving_out") as [UInt32]).map { NodeID($0) }
      )
    case "look": self = .look(run: try fields.optionalText("run"))
    case "settle": self = .settle(ending: try fields.flag("ending"))
    case "begin":
      self = .begin(
        Begin(
          run: try fields.text("run"),
          supervisor: try fields.text("supervisor"),
          coordinator: try fields.text("coordinator"),
          isResumed: try fields.flag("resumed")
        )
      )
    case "start":
      var cause: HandlerCauseWords?
      if fields.value("cause") != nil {
        let words = try fields.object("cause")
        cause = HandlerCauseWords(
          failedSteps: try words.text("failed_steps"),
          reason: try words.text("reason")
        )
      }
      self = .start(try fields.node(), attempt: try fields.number("attempt"), cause: cause)
    case "recover": self = .recover(try fields.node(), attempt: try fields.number("attempt"))
    case "terminate": self = .terminate(try fields.node())
    case "kill": self = .kill(try fields.node())
    case "ask":
      self = .ask(try fields.node(), try fields.requiredCondition("condition"))
    case "tail": self = .tail(try fields.node())
    case "abandon": self = .abandon
    case "finish": self = .finish(isOver: try fields.flag("over"))
    case "ping": self = .ping
    default: return nil
    }
  }

  private func write(_ json: inout JSONWriter) {
    switch self {
    case .hello(let hello):
      json.field("type", "hello")
      json.number("version", hello.version)
      json.field("root", hello.root)
      json.field("run", hello.run)
    case .lock(let patience):
      json.field("type", "lock")
      json.number("patience", patience.nanoseconds)
    case .plan(let part):
      json.field("type", "plan")
      part.write(&json)
    case .check(let supervisor, let leftOut):
      json.field("type", "check")
      json.field("supervisor", supervisor)
      json.name("leaving_out")
      json.array { for node in leftOut { $0.value(node.index) } }
    case .look(let run):
      json.field("type", "look")
      json.field("run", run)
    case .settle(let isEnding):
      json.field("type", "settle")
      json.field("ending", isEnding)
    case .begin(let begin):
      json.field("type", "begin")
      json.field("run", begin.run)
      json.field("supervisor", begin.supervisor)
      json.field("coordinator", begin.coordinator)
      json.field("resumed", begin.isResumed)
    case .start(let node, let attempt, let cause):
      json.attempt("start", node, attempt)
      if let cause {
        json.name("cause")
        json.object { json in
          json.field("failed_steps", cause.failedSteps)
          json.field("reason", cause.reason)
        }
      }
    case .recover(let node, let attempt): json.attempt("recover", node, attempt)
    case .terminate(let node): json.node("terminate", node)
    case .kill(let node): json.node("kill", node)
    case .ask(let node, let condition):
      json.node("ask", node)
      json.condition("condition", condition)
    case .tail(let node): json.node("tail", node)
    case .abandon: json.field("type", "abandon")
    case .finish(let isOver):
      json.field("type", "finish")
      json.field("over", isOver)
    case .ping: json.field("type", "ping")
    }
  }
}

extension Fields {
  /// The object that is a frame's payload.
  init(payload: ArraySlice<UInt8>) throws(WireFailure) {
    let value: JSONValue
    do {
      value = try JSONReader.read(Array(payload))
    } catch {
      throw WireFailure("a frame's payload \(error.what)")
    }
    try self.init(value, "a message")
  }

  func node() throws(WireFailure) -> NodeID { NodeID(try number("node")) }
}

extension JSONWriter {
  /// Writes the beginning of a message about a step.
  mutating func node(_ type: String, _ node: NodeID) {
    field("type", type)
    number("node", node.index)
  }

  /// Writes the beginning of a message about an attempt.
  mutating func attempt(_ type: String, _ node: NodeID, _ attempt: Int) {
    self.node(type, node)
    number("attempt", attempt)
  }
}
