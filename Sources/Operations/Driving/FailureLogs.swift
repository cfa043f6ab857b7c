import Machine
import PlanGraph
import PlanLanguage
import Reports
import VM

/// The ends of failed steps' logs, limited to what the last attempt wrote.
///
/// Output of an earlier attempt or run is never shown as its own.
struct FailureLogs {
  let preparation: Preparation
  let vms: [SubjectID: VMFolder]
  let machine: LiveMachine

  /// The logs of a step that has ended, with the end of what its last attempt wrote.
  func evidence(_ node: NodeID) -> FailureEvidence {
    var evidence = logs(of: node)
    evidence.missing = machine.lastWords[node]
    evidence.isDiskFull = evidence.path.map(FreeSpaceCheck.isFull) ?? false
    return evidence
  }

  private func logs(of node: NodeID) -> FailureEvidence {
    guard let path = path(node) else { return FailureEvidence(path: nil) }
    guard let beginnings = machine.logBeginnings(of: node) else {
      return FailureEvidence(path: path, isKnown: false)
    }
    return FailureEvidence(
      path: path,
      stderr: FileReader.tail(of: "\(path).stderr.log", from: beginnings.stderr, most: 4096),
      stdout: FileReader.tail(of: "\(path).stdout.log", from: beginnings.stdout, most: 4096)
    )
  }

  private func path(_ node: NodeID) -> String? {
    let graph = preparation.graph
    let subject = graph[node].subject
    guard let stem = preparation.logNames.stem(graph[node].template),
      // A step of a wider subject runs on the first instance inside it.
      let instance = graph.subjects.ancestor(of: subject, at: .instance)
        ?? graph.subjects.members(of: subject, at: .instance).first,
      let vm = vms[instance]
    else { return nil }
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let folder = isReleaseJob ? graph.subjects.name(subject) : StepLogNames.commonFolder
    return vm.absolute("\(vm.logsPath)/\(folder)/\(stem)")
  }
}
