import Execution
import Machine
import PlanGraph
import PlanLanguage
import Reports

extension RunHeader {
  /// The header of a run that is about to begin.
  ///
  /// - Parameters:
  ///   - id: its name.
  ///   - preparation: the plan on its machines.
  ///   - roots: the machine of each instance.
  ///   - policy: how it is run.
  ///   - supervisor: as the command line has it.
  init(
    _ id: RunID,
    _ preparation: Preparation,
    _ roots: [SubjectID: VMRoot],
    policy: RunPolicy,
    supervisor: String
  ) {
    let input = preparation.input
    let secrets = input.plan.secretParams
    self.init(run: id.text, plan: input.plan.path == nil ? input.plan.name : input.plan.key)
    machines = preparation.machines.all.map { Pair($0.name, $0.root.path) }
    let given = input.parameters.sorted { $0.key < $1.key }
    parameters = given.filter { !secrets.contains($0.key) }.map { Pair($0.key, $0.value) }
    self.secrets = given.map(\.key).filter(secrets.contains)
    facts = input.facts.sorted { $0.key < $1.key }.map { Pair($0.key, $0.value) }
    self.supervisor = supervisor
    self.policy = policy
    let graph = preparation.graph
    sources = graph.sources.map { Pair($0.name, $0.textWithoutSecrets) }
    let identity = GraphIdentity(graph)
    self.graph = identity.whole
    var scripts = ScriptContents(graph, roots)
    steps = graph.nodes.indices.filter { graph.nodes[$0].kind == .step }.map { index in
      let node = NodeID(UInt32(index))
      return Step(
        node: node,
        digest: identity.steps[Int(graph[node].payload)],
        script: scripts.digest(node),
        name: graph.name(node)
      )
    }
  }
}

extension LoadedPlan {
  /// What a command line calls it: a bundled plan's name, `-` for standard input.
  var name: String {
    key.hasPrefix(PlanCompilation.bundledPrefix)
      ? String(key.dropFirst(PlanCompilation.bundledPrefix.count)) : "-"
  }

  /// The params whose values are kept from everybody but the steps.
  var secretParams: Set<String> { parsed.tree.secretParams }
}

extension PlanFile {
  fileprivate var secretParams: Set<String> { Set(secrets.map(\.name.text)) }

  fileprivate var secrets: [ParamDecl] {
    (plan?.items ?? []).compactMap {
      if case .param(let param) = $0, param.isSecret { param } else { nil }
    }
  }
}

extension SourceFile {
  /// The text, with `"(secret)"` in place of the defaults of secret params.
  fileprivate var textWithoutSecrets: String {
    let defaults = Parser.parse(self).tree.secrets.compactMap(\.value?.span)
    var bytes = self.bytes
    for span in defaults.sorted(by: { $0.start > $1.start }) where span.start < span.end {
      bytes.replaceSubrange(Int(span.start)..<Int(span.end), with: "\"(secret)\"".utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
