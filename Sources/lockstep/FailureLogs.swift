import Machine
import PlanGraph
import PlanLanguage
import Reports

/// Where each step's last attempt began to write in its logs, so that nobody is
/// shown the words of an earlier attempt or run as its own.
struct FailureLogs {
  private let preparation: Preparation
  private let roots: [SubjectID: VMRoot]
  /// Sizes of logs that were not all empty, by step.
  private var sizes: [NodeID: (stdout: Int, stderr: Int)] = [:]

  init(_ preparation: Preparation, _ roots: [SubjectID: VMRoot]) {
    self.preparation = preparation
    self.roots = roots
  }

  /// Takes note of a step's logs, just before its next attempt.
  mutating func attemptStarts(_ node: NodeID) {
    guard let path = path(node) else { return }
    let found = (FileReader.size("\(path).stdout.log"), FileReader.size("\(path).stderr.log"))
    sizes[node] = found == (0, 0) ? nil : found
  }

  /// The logs of a step that has ended, with the end of what its last attempt wrote.
  func evidence(_ node: NodeID) -> FailureEvidence {
    guard let path = path(node) else { return FailureEvidence(path: nil) }
    let size = sizes[node] ?? (0, 0)
    return FailureEvidence(
      path: path,
      stderr: FileReader.tail(of: "\(path).stderr.log", from: size.stderr, most: 4096),
      stdout: FileReader.tail(of: "\(path).stdout.log", from: size.stdout, most: 4096)
    )
  }

  private func path(_ node: NodeID) -> String? {
    let graph = preparation.graph
    let subject = graph[node].subject
    guard let stem = preparation.logNames.stem(StepTemplateID(graph[node].payload)),
      // A step of a wider subject runs on the first instance inside it.
      let instance = graph.subjects.ancestor(of: subject, at: .instance)
        ?? graph.subjects.members(of: subject, at: .instance).first,
      let root = roots[instance]
    else { return nil }
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let folder = isReleaseJob ? graph.subjects.name(subject) : StepLogNames.commonFolder
    return "\(root.path)/sys/log/\(folder)/\(stem)"
  }
}
