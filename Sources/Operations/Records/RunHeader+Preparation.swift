import Execution
import Journal
import PlanGraph
import PlanLanguage
import VM

extension RunHeader {
  /// The placeholder for the value of a secret in a plan's recorded text.
  static let secretPlaceholder = "(secret)"

  /// The header of a run that is about to begin and has no name yet.
  ///
  /// - Parameters:
  ///   - preparation: the plan on its machines.
  ///   - vms: the machine of each instance.
  ///   - policy: how it is run.
  ///   - supervisor: as in the command line.
  /// - Throws: an error if the contents of a script cannot be read.
  init(
    _ preparation: Preparation,
    _ vms: [SubjectID: VMFolder],
    policy: RunPolicy,
    supervisor: String
  ) throws(Problem) {
    let input = preparation.request
    let graph = preparation.graph
    // An included plan may declare a param secret that the including plan does not.
    var secrets = Set(preparation.secrets.map(\.name))
    self.init(run: "", plan: input.plan.key)
    machines = preparation.vms.recorded.map { Pair($0.name, $0.value) }
    let given = input.parameters.sorted { $0.key < $1.key }
    parameters = given.filter { !secrets.contains($0.key) }.map { Pair($0.key, $0.value) }
    if PlanCompilation.folderOfStandardInput(key: input.plan.key) == nil {
      secrets.formIntersection(input.parameters.keys)
    } else {
      // A default that came through a pipe cannot be read again.
      let gone = preparation.secrets.filter { $0.file == FileID(0) && $0.standard != nil }
      secrets.formIntersection(input.parameters.keys + gone.map(\.name))
    }
    self.secrets = secrets.sorted()
    facts = input.facts.sorted { $0.key < $1.key }.map { Pair($0.key, $0.value) }
    self.supervisor = supervisor
    self.policy = policy
    sources = graph.sources.map { Pair($0.name, $0.text(without: preparation.secrets)) }
    let identity = GraphIdentity(graph)
    self.graph = identity.whole
    let hosts = preparation.vms.hosts
    var scripts = ScriptContents(graph, vms)
    for node in graph.nodes.indices where graph[node].kind == .step {
      steps.append(
        node,
        digest: identity.steps[graph[node].template],
        script: hosts == nil ? try scripts.digest(node) : hosts?.digests[node],
        name: graph.name(node)
      )
    }
  }
}

extension SourceFile {
  /// The text, with a placeholder for the defaults of its secret params.
  fileprivate func text(without secrets: [SecretParam]) -> String {
    let defaults = secrets.filter { $0.file == id }.compactMap(\.standard)
      .filter { $0.start < $0.end }
    var bytes = self.bytes
    for span in defaults.sorted(by: { $0.start > $1.start }) {
      bytes.replaceSubrange(
        Int(span.start)..<Int(span.end),
        with: "\"\(RunHeader.secretPlaceholder)\"".utf8
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
