import PlanGraph
import PlanLanguage
import Words

extension PlanPart {
  init(_ fields: Fields) throws(WireFailure) {
    self.init(name: try fields.text("name"))
    for subject in try fields.objects("subjects", "a subject") {
      subjects.append(
        Subject(name: try subject.text("name"), parent: try subject.number("parent"))
      )
    }
    for item in try fields.objects("phases", "a phase") {
      items.append(Item(name: try item.text("name"), scope: try item.scope("scope")))
    }
    for template in try fields.objects("templates", "a template") {
      templates.append(
        Template(
          id: StepTemplateID(try template.number("id")),
          step: try StepTemplate(template),
          stem: try template.optionalText("log")
        )
      )
    }
    for step in try fields.objects("steps", "a step") {
      steps.append(
        Step(
          node: NodeID(try step.number("node")),
          template: StepTemplateID(try step.number("template")),
          subject: try step.number("subject"),
          isCertain: try step.flag("certain")
        )
      )
    }
    isLast = try fields.flag("last")
  }

  func write(_ json: inout JSONWriter) {
    json.field("name", name)
    json.objects("subjects", subjects) { json, subject in
      json.field("name", subject.name)
      json.number("parent", subject.parent)
    }
    json.objects("phases", items) { json, item in
      json.field("name", item.name)
      json.field("scope", item.scope.word)
    }
    json.objects("templates", templates) { json, template in
      json.number("id", template.id.index)
      template.step.write(&json)
      json.field("log", template.stem)
    }
    json.objects("steps", steps) { json, step in
      json.number("node", step.node.index)
      json.number("template", step.template.index)
      json.number("subject", step.subject)
      json.field("certain", step.isCertain)
    }
    json.field("last", isLast)
  }
}

extension StepTemplate {
  /// What a machine has to know of a step: no retries and no limits, which are the run's.
  init(_ fields: Fields) throws(WireFailure) {
    var rules = Rules(
      grace: try fields.duration("grace"),
      settle: try fields.duration("settle"),
      every: try fields.duration("every")
    )
    rules.timeout = try fields.optionalDuration("timeout")
    rules.isStrict = try fields.flag("strict")
    rules.isIdempotent = try fields.flag("idempotent")
    rules.isOptional = try fields.flag("optional")
    rules.condition = try fields.condition("when")
    rules.skipReason = try fields.optionalText("skipped")
    for variable in try fields.objects("env", "a variable") {
      rules.environment.append(
        EnvironmentVariable(
          name: try variable.text("name"),
          value: try variable.text("value"),
          isSecret: try variable.flag("secret")
        )
      )
    }
    self.init(
      name: try fields.text("name"),
      action: try StepAction(try fields.object("action")),
      rules,
      item: ItemID(try fields.number("phase")),
      location: .inNoFile,
      documentation: nil
    )
  }

  func write(_ json: inout JSONWriter) {
    json.field("name", name)
    json.name("action")
    json.object { action.write(&$0) }
    if let timeout { json.number("timeout", timeout.nanoseconds) }
    json.number("grace", grace.nanoseconds)
    json.number("settle", settle.nanoseconds)
    json.number("every", every.nanoseconds)
    json.field("strict", isStrict)
    json.objects("env", environment) { json, variable in
      json.field("name", variable.name)
      json.field("value", variable.value)
      json.field("secret", variable.isSecret)
    }
    json.field("idempotent", isIdempotent)
    json.field("optional", isOptional)
    if let condition { json.condition("when", condition) }
    json.field("skipped", skipReason)
    json.number("phase", item.index)
  }
}

extension StepAction {
  init(_ fields: Fields) throws(WireFailure) {
    switch try fields.text("kind") {
    case "script": self = .script(try fields.text("name"))
    case "run": self = .run(try Command(fields))
    case "wait-tcp": self = .wait(.tcp(try fields.text("address")))
    case "wait-file": self = .wait(.file(try fields.text("path")))
    case "wait-run": self = .wait(.command(try Command(fields)))
    case "start": self = .start
    case "stop": self = .stop
    case "start-units": self = .startUnits(try fields.texts("units"))
    case "stop-units": self = .stopUnits(try fields.texts("units"))
    case "unmonitor": self = .unmonitor
    case "drain": self = .drain(try fields.texts("arguments"))
    case let other: throw Fields.unknown("a step's action", other)
    }
  }

  func write(_ json: inout JSONWriter) {
    switch self {
    case .script(let name):
      json.field("kind", "script")
      json.field("name", name)
    case .run(let command):
      json.field("kind", "run")
      command.write(&json)
    case .wait(.tcp(let address)):
      json.field("kind", "wait-tcp")
      json.field("address", address)
    case .wait(.file(let path)):
      json.field("kind", "wait-file")
      json.field("path", path)
    case .wait(.command(let command)):
      json.field("kind", "wait-run")
      command.write(&json)
    case .start: json.field("kind", "start")
    case .stop: json.field("kind", "stop")
    case .startUnits(let units):
      json.field("kind", "start-units")
      json.field("units", units)
    case .stopUnits(let units):
      json.field("kind", "stop-units")
      json.field("units", units)
    case .unmonitor: json.field("kind", "unmonitor")
    case .drain(let arguments):
      json.field("kind", "drain")
      json.field("arguments", arguments)
    }
  }
}

extension Command {
  /// A line for the shell, or an argument vector.
  init(_ fields: Fields) throws(WireFailure) {
    if let line = try fields.optionalText("shell") {
      self = .shell(line)
      return
    }
    let vector = try fields.texts("arguments")
    if vector.isEmpty { throw WireFailure("a command has no 'shell' and no 'arguments'") }
    self = .arguments(vector)
  }

  func write(_ json: inout JSONWriter) {
    switch self {
    case .shell(let line): json.field("shell", line)
    case .arguments(let vector): json.field("arguments", vector)
    }
  }
}

extension Fields {
  func scope(_ name: String) throws(WireFailure) -> Scope {
    let word = try text(name)
    guard let scope = Scope.allCases.first(where: { $0.word == word }) else {
      throw Fields.unknown("a phase's scope", word)
    }
    return scope
  }
}

extension JSONWriter {
  /// Writes a field that is a whole number of any size.
  mutating func number(_ name: StaticString, _ number: some BinaryInteger) {
    self.name(name)
    value(number)
  }
}
