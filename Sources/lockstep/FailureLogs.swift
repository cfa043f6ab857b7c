import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// Where each step's last attempt began to write in its log of standard error, so that nobody is
/// shown the words of an earlier attempt or run as its own.
struct FailureLogs {
  private let preparation: Preparation
  private let roots: [SubjectID: VMRoot]
  /// Sizes of logs that were not empty, by step.
  private var sizes: [NodeID: Int] = [:]

  init(_ preparation: Preparation, _ roots: [SubjectID: VMRoot]) {
    self.preparation = preparation
    self.roots = roots
  }

  /// Takes note of a step's log, just before its next attempt.
  mutating func attemptStarts(_ node: NodeID) {
    guard let path = path(node) else { return }
    var status = stat()
    let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
    sizes[node] = size > 0 ? size : nil
  }

  /// The log of a step that has ended, with the end of what its last attempt wrote.
  func evidence(_ node: NodeID) -> FailureEvidence {
    guard let path = path(node) else { return FailureEvidence(path: nil, tail: []) }
    let tail = FileReader.tail(of: path, from: sizes[node] ?? 0, most: 4096)
    return FailureEvidence(path: path, tail: tail)
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
    return "\(root.path)/sys/log/\(folder)/\(stem).stderr.log"
  }
}
