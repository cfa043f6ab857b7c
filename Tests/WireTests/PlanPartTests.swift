import BundledPlans
import PlanGraph
import PlanLanguage
import TestSupport
import Testing
import VM
import Wire
import Words

@Suite("Plans on the wire")
struct PlanPartTests {
  /// Sends the steps of each instance through messages, and compares what comes out.
  private func check(_ graph: Graph, seed: UInt64 = 0) throws {
    let names = StepLogNames(graph)
    var random = SeededRandom(seed: seed)
    var certain: Set<NodeID> = []
    for node in graph.nodes.indices where random.oneIn(2) { certain.insert(node) }
    let cutter = PlanParts(graph, stem: names.stem) { certain.contains($0) }
    let instances = graph.subjects.members(of: .deployment, at: .instance)
    // One VM for each instance, and one VM for all of them.
    for chosen in instances.map({ [$0] }) + [instances] {
      let nodes = graph.nodes.indices.filter { node in
        graph[node].kind == .step
          && chosen.contains { instance in
            graph.subjects.contains(instance, graph[node].subject)
              || graph.subjects.contains(graph[node].subject, instance)
          }
      }
      let parts = try cutter.parts(for: chosen, nodes: nodes)
      let plan = try plan(of: parts)
      #expect(plan.isWhole)
      #expect(plan.graph.planName == graph.planName)
      #expect(plan.nodes.map { $0 } == nodes)
      for node in nodes {
        let own = try #require(plan.node(node))
        try compare(graph, node, plan, own)
        let template = plan.graph[own].template
        #expect(plan.stems[template] == names.stem(graph[node].template))
        #expect((plan.graph[own].block == .none) == certain.contains(node))
      }
      for instance in chosen {
        let paths = graph.subjects.subtree(instance).map(graph.subjects.path)
        #expect(Set(paths).isSubset(of: plan.graph.subjects.indices.map(plan.graph.subjects.path)))
      }
    }
  }

  private func plan(of parts: [PlanPart]) throws -> VMPlan {
    var plan = VMPlan()
    for part in parts {
      let payload = NearMessage.plan(part).payload
      #expect(payload.count <= WireProtocol.mostPayload)
      let message = try #require(try NearMessage(payload: payload[...]))
      #expect(message == .plan(part))
      guard case .plan(let part) = message else { continue }
      try plan.add(part)
    }
    return plan
  }

  private func compare(_ graph: Graph, _ node: NodeID, _ plan: VMPlan, _ own: NodeID) throws {
    let (left, right) = (try #require(graph.step(node)), try #require(plan.graph.step(own)))
    #expect(left.name == right.name && left.action == right.action)
    #expect(left.timeout == right.timeout && left.grace == right.grace)
    #expect(left.settle == right.settle && left.every == right.every)
    #expect(left.isStrict == right.isStrict && left.environment == right.environment)
    #expect(left.isIdempotent == right.isIdempotent && left.isOptional == right.isOptional)
    #expect(left.condition == right.condition && left.skipReason == right.skipReason)
    #expect(graph.name(node) == plan.graph.name(own))
    let (there, here) = (graph[node].subject, plan.graph[own].subject)
    #expect(graph.subjects.path(there) == plan.graph.subjects.path(here))
    #expect(graph.subjects.scope(there) == plan.graph.subjects.scope(here))
    #expect(graph.items[left.item].scope == plan.graph.items[right.item].scope)
  }

  private func graph(_ text: String, parameters: [String: String] = [:]) throws -> Graph {
    let parsed = Parser.parse(SourceFile(name: "a.plan", text: text))
    var site = Site.unknown
    site.discovered = Site.Discovered(
      deploymentJob: "web",
      instance: "0",
      releaseJobs: ["nginx", "app"]
    )
    let input = BuildInput(plan: parsed.tree, parameters: parameters, site: site) { target, _ in
      guard case .bundled(let name) = target, let bytes = BundledPlans.text(of: name.text) else {
        return .missing(reason: "there is none", known: [])
      }
      return .found(key: name.text, name: name.text, bytes: bytes)
    }
    let built = GraphBuilder.build(input)
    let messages = (parsed.diagnostics + built.diagnostics).map(\.message)
    if built.graph == nil { Issue.record("\(messages)") }
    return try #require(built.graph)
  }

  @Test("bundled plans are the same at the far end", arguments: BundledPlans.names)
  func bundled(name: String) throws {
    let text = String(decoding: try #require(BundledPlans.text(of: name)), as: UTF8.self)
    try check(try graph(text, parameters: name == "bosh-errand" ? ["errand": "app"] : [:]))
  }

  @Test("random plans are the same at the far end")
  func random() throws {
    for seed in 0..<400 as Range<UInt64> {
      let subject = try RandomSubject(
        seed: seed,
        RandomPlan.Options(hasRules: true, isSmall: seed % 2 == 0)
      )
      try check(subject.graph, seed: seed)
    }
  }

  @Test("a condition may be as deep as a plan can have it")
  func deep() throws {
    let nots = String(repeating: "not (exists \"/y\" or ", count: 90)
    let ends = String(repeating: ")", count: 90)
    let text = """
      plan deep {
        phase a { script b { when \(nots)exists "/x"\(ends) } }
      }
      """
    try check(try graph(text))
  }

  private func plan(steps: Int, text: String) -> String {
    let statements = (0..<steps).map { "    run \"\(text)\" as s\($0) { timeout 1m }\n" }
    return "plan large {\n  phase a per instance {\n\(statements.joined())  }\n}\n"
  }

  @Test("a long plan comes in parts of a good size")
  func long() throws {
    let graph = try graph(plan(steps: 3000, text: "echo \(String(repeating: "é\\t", count: 40))"))
    let instances = graph.subjects.members(of: .deployment, at: .instance)
    let nodes = graph.nodes.indices.filter { graph[$0].kind == .step }
    let parts = try PlanParts(graph, stem: StepLogNames(graph).stem) { _ in true }
      .parts(for: instances, nodes: nodes)
    let sizes = parts.map { NearMessage.plan($0).payload.count }
    #expect(sizes.count > 3)
    #expect(sizes.allSatisfy { $0 > 0 && $0 < 2 * WireProtocol.goodPayload })
    #expect(parts.map(\.isLast) == sizes.indices.map { $0 == sizes.count - 1 })
    #expect(parts.allSatisfy { !$0.steps.isEmpty })
    try check(graph)
  }

  @Test("a step that is too large for a frame is named, and one that just fits is sent")
  func large() throws {
    for (count, fits) in [(900_000, true), (1_100_000, false)] {
      let graph = try graph(plan(steps: 1, text: String(repeating: "x", count: count)))
      let instances = graph.subjects.members(of: .deployment, at: .instance)
      let nodes = graph.nodes.indices.filter { graph[$0].kind == .step }
      let cutter = PlanParts(graph, stem: StepLogNames(graph).stem) { _ in true }
      if fits {
        _ = try plan(of: try cutter.parts(for: instances, nodes: nodes))
        continue
      }
      do throws(WireFailure) {
        _ = try cutter.parts(for: instances, nodes: nodes)
        Issue.record("it was cut")
      } catch {
        let words = "the step a:web/0#s0 is too long to be sent to a host: it takes 1100"
        #expect(error.words.hasPrefix(words))
      }
    }
  }

  /// Many characters that are written as six bytes each.
  @Test("a text that grows when it is written still fits")
  func growing() throws {
    let escapes = String(repeating: "\\u{1}", count: 2000)
    try check(try graph(plan(steps: 200, text: escapes)))
  }
}

@Suite("Plans that cannot be")
struct ImpossiblePartTests {
  private func failure(_ change: (inout PlanPart) -> Void) -> String? {
    var part = PartSamples.full
    change(&part)
    var plan = VMPlan()
    do throws(WireFailure) {
      try plan.add(part)
      return nil
    } catch {
      return error.words
    }
  }

  @Test("are refused")
  func refused() throws {
    #expect(failure { _ in } == nil)
    #expect(failure { $0.items = [] } == "a step of the plan is in no phase")
    #expect(failure { $0.templates = [] } == "a step of the plan has no template or no subject")
    #expect(failure { $0.subjects = [] } == "a step of the plan has no template or no subject")
    #expect(failure { $0.templates += $0.templates } == "a template of the plan came twice")
    #expect(failure { $0.steps += $0.steps } == "a step of the plan came twice")
    for parent in [4, 9, .max] as [UInt32] {
      let subject = PlanPart.Subject(name: "x", parent: parent)
      #expect(failure { $0.subjects.append(subject) } == "a subject of the plan is in none")
    }
    // Inside a release job, and inside a subject that others come after.
    for (parent, before) in [(3, 0), (2, 1)] as [(UInt32, Int)] {
      let words = failure { part in
        for _ in 0..<before { part.subjects.append(PlanPart.Subject(name: "db", parent: 0)) }
        part.subjects.append(PlanPart.Subject(name: "x", parent: parent))
      }
      #expect(words == "a subject of the plan is in the wrong place")
    }
    var plan = VMPlan()
    try plan.add(PartSamples.full)
    #expect(throws: WireFailure.self) { try plan.add(PlanPart(name: "shop")) }
  }
}

@Suite("Bytes as text")
struct Base64Tests {
  @Test("are those of RFC 4648, and nothing else is read")
  func vectors() {
    let vectors = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]
    for (bytes, text) in vectors {
      #expect(Base64.text(Array(bytes.utf8)) == text)
      #expect(Base64.bytes(text) == Array(bytes.utf8))
    }
    for text in [
      "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "Zg==Zg==", "Zm 9", "Zm9\n",
    ] {
      #expect(Base64.bytes(text) == nil, "\(text)")
    }
    var random = SeededRandom(seed: 3)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(random.below(256)) }
      #expect(Base64.bytes(Base64.text(bytes)) == bytes)
    }
  }
}
