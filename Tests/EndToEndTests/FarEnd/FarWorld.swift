import Execution
import PlanGraph
import PlanLanguage
import Testing
import Wire

/// A VM with a plan whose run a test coordinates itself, over the wire.
struct FarWorld {
  static let run = "20261129T120000Z-00aa"
  static let coordinator = "near.example:/var/lib/lockstep"

  let sandbox: Sandbox
  let vm: TestVM
  let graph: Graph

  /// Makes the VM, with a release job `nginx`.
  ///
  /// - Parameters:
  ///   - phases: of the plan.
  ///   - prepare: makes more of the VM before the plan is compiled.
  /// - Throws: what is wrong with the plan.
  init(_ phases: String, prepare: (TestVM) throws -> Void = { _ in }) throws {
    sandbox = try Sandbox()
    vm = try sandbox.vm()
    try vm.releaseJob("nginx", ["pre-start": vm.note("pre-start"), "drain": "echo 0"])
    try prepare(vm)
    let text = "plan p {\n  default { timeout 1m }\n\(phases)\n}\n"
    let parsed = Parser.parse(SourceFile(name: "p.plan", text: text))
    let site = Site(
      discovered: Site.Discovered(
        deploymentJob: "web",
        instance: "0",
        releaseJobs: ["nginx"]
      ),
      facts: [:],
      hasScript: { _, _, _ in true },
      hasProcesses: { _, _ in true }
    )
    let built = GraphBuilder.build(BuildInput(plan: parsed.tree, site: site))
    let findings = (parsed.diagnostics + built.diagnostics).map(\.message)
    graph = try #require(built.graph, "\(findings)")
  }

  /// The number of the step that its plan calls so.
  func node(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> NodeID {
    try #require(
      graph.nodes.indices.first {
        graph[$0].kind == .step && graph.name($0).hasSuffix("#\(name)")
      },
      sourceLocation: location
    )
  }

  /// The parts of the plan.
  func parts() throws -> [PlanPart] {
    let instances = graph.subjects.members(of: .deployment, at: .deploymentJob)
      .flatMap { graph.subjects.members(of: $0, at: .instance) }
    let stem: (StepTemplateID) -> String? = { id in
      switch graph.steps[id].action {
      case .script(let name): name
      case .drain: "drain"
      case .run, .wait(.command): graph.steps[id].name
      default: nil
      }
    }
    let nodes = graph.nodes.indices.filter { graph[$0].kind == .step }
    return try PlanParts(graph, stem: stem, isCertain: { _ in true })
      .parts(for: instances, nodes: nodes)
  }

  func hello(_ run: String? = nil) -> NearMessage {
    .hello(NearMessage.Hello(root: vm.path, run: run))
  }

  func begin(_ run: String = Self.run, isResumed: Bool = false) -> NearMessage {
    .begin(
      NearMessage.Begin(
        run: run,
        supervisor: "ctl",
        coordinator: Self.coordinator,
        isResumed: isResumed
      )
    )
  }

  /// Connects, locks the VM and begins the run.
  ///
  /// If the run has begun before, nothing is waited for in between.
  func connect(
    isAgain: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> (link: FarLink, underWay: [NodeID: Int]) {
    let link = try FarLink(sandbox, location)
    try link.send(hello(isAgain ? Self.run : nil))
    _ = try link.wait(location) { if case .welcome(let report) = $0 { report } else { nil } }
    try link.send(.lock(patience: .zero))
    for part in try parts() { try link.send(.plan(part)) }
    try link.send(begin(isResumed: isAgain))
    let begun = try link.wait(location) { if case .begun(let begun) = $0 { begun } else { nil } }
    #expect(link.heard.dropFirst() == [.locked, .planned, .begun(begun)], sourceLocation: location)
    return (link, begun.underWay)
  }

  /// Fails the test unless nothing of the run is left, neither a process nor a record.
  func expectNothingLeft(_ location: SourceLocation = #_sourceLocation) {
    sandbox.expectNoSurvivors(location)
    #expect(
      FileTree.names("\(vm.path)/data/lockstep/far") == ["last-end"],
      sourceLocation: location
    )
  }

  /// Ends the run, and waits for the end of the far end.
  func finish(_ link: FarLink, _ location: SourceLocation = #_sourceLocation) throws {
    try link.send(.finish(isOver: true))
    try link.wait(for: .finished, location)
    try link.finish(location).expect(0, location)
    expectNothingLeft(location)
  }
}
