import Execution
import PlanGraph
import PlanLanguage
import Wire

/// The kinds of messages to the far end.
///
/// A new message does not compile here without a kind, and a new kind not without samples.
enum NearKind: String, CaseIterable {
  case hello, lock, plan, check, look, settle, begin, start, recover, terminate, kill, ask, tail
  case abandon, finish, ping

  init(_ message: NearMessage) {
    self =
      switch message {
      case .hello: .hello
      case .lock: .lock
      case .plan: .plan
      case .check: .check
      case .look: .look
      case .settle: .settle
      case .begin: .begin
      case .start: .start
      case .recover: .recover
      case .terminate: .terminate
      case .kill: .kill
      case .ask: .ask
      case .tail: .tail
      case .abandon: .abandon
      case .finish: .finish
      case .ping: .ping
      }
  }

  /// Messages of this kind: the first has all fields.
  var samples: [NearMessage] {
    let node = NodeID(7)
    switch self {
    case .hello:
      return [
        .hello(NearMessage.Hello(root: "/var/vcap", run: "20260101T000000Z-1")),
        .hello(NearMessage.Hello(version: 2, root: nil, run: nil)),
      ]
    case .lock: return [.lock(patience: .seconds(90)), .lock(patience: .zero)]
    case .plan: return [.plan(PartSamples.full), .plan(PlanPart(name: ""))]
    case .check:
      return [
        .check(supervisor: "auto", leavingOut: [NodeID(1), NodeID(.max)]),
        .check(supervisor: "monit", leavingOut: []),
      ]
    case .look: return [.look(run: "r"), .look(run: nil)]
    case .settle: return [.settle(ending: true), .settle(ending: false)]
    case .begin:
      return [
        .begin(
          NearMessage.Begin(
            run: "r",
            supervisor: "auto",
            coordinator: "ops:/home/o/.local/state",
            isResumed: true
          )
        )
      ]
    case .start:
      let cause = HandlerCauseWords(failedSteps: "a:web/0#x", reason: "it \"failed\"\n\u{1B}[1m")
      return [
        .start(node, attempt: 2, cause: cause), .start(node, attempt: .max, cause: nil),
      ]
    case .recover: return [.recover(node, attempt: 1)]
    case .terminate: return [.terminate(node)]
    case .kill: return [.kill(NodeID(0))]
    case .ask:
      return [
        .ask(node, .all([.exists("/a"), .not(.any([.exists(""), .exists("/é\0")]))])),
        .ask(node, .all([])), .ask(node, .any([])), .ask(node, PartSamples.deep),
      ]
    case .tail: return [.tail(node)]
    case .abandon: return [.abandon]
    case .finish: return [.finish(isOver: true), .finish(isOver: false)]
    case .ping: return [.ping]
    }
  }

  static let allSamples = allCases.flatMap(\.samples)
}

/// Parts of a plan.
enum PartSamples {
  /// As deep as a plan can nest a condition.
  static let deep = (0..<Parser.nestingLimit).reduce(RuntimeCondition.exists("/x")) {
    inner,
    depth in
    depth.isMultiple(of: 2) ? .not(inner) : .all([inner, .exists("/y")])
  }

  private static let actions: [StepAction] = [
    .script("pre-start"), .run(.shell("echo \"$HOME\" \\ \u{1F980}")),
    .run(.arguments(["a", "", "b c"])), .wait(.tcp("127.0.0.1:80")), .wait(.file("/x")),
    .wait(.command(.shell("true"))), .start, .stop, .startUnits(["a.service"]),
    .stopUnits(["a.service", "b.service"]), .unmonitor, .drain(["job_change", "hash_unchanged"]),
  ]

  private static func template(_ index: Int, _ action: StepAction, full: Bool) -> PlanPart.Template
  {
    var rules = StepTemplate.Rules(grace: .seconds(10), settle: .zero, every: .nanoseconds(1))
    if full {
      rules.timeout = .milliseconds(1500)
      rules.isStrict = true
      rules.environment = [
        EnvironmentVariable(name: "A", value: "", isSecret: false),
        EnvironmentVariable(name: "KEY", value: "s3cret\n", isSecret: true),
      ]
      rules.isIdempotent = true
      rules.isOptional = true
      rules.condition = .not(.exists("/x"))
      rules.skipReason = "the condition is false"
    }
    let step = StepTemplate(
      name: "step \(index)",
      action: action,
      rules,
      item: ItemID(0),
      location: .inNoFile,
      documentation: nil
    )
    return PlanPart.Template(
      id: StepTemplateID(UInt32(index)),
      step: step,
      stem: full ? "log" : nil
    )
  }

  /// Every field and every action.
  static let full: PlanPart = {
    var part = PlanPart(name: "shop")
    part.subjects = [
      PlanPart.Subject(name: "web", parent: 0), PlanPart.Subject(name: "0", parent: 1),
      PlanPart.Subject(name: "nginx", parent: 2),
    ]
    part.items = Scope.allCases.map { PlanPart.Item(name: "phase \($0.word)", scope: $0) }
    part.templates = actions.enumerated().flatMap { index, action in
      [
        template(2 * index, action, full: true), template(2 * index + 1, action, full: false),
      ]
    }
    part.steps = part.templates.map { template in
      PlanPart.Step(
        node: NodeID(100 + template.id.index),
        template: template.id,
        subject: template.id.index % 4,
        isCertain: template.id.index.isMultiple(of: 3)
      )
    }
    part.isLast = true
    return part
  }()
}
