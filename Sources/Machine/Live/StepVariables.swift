import Execution
import PlanGraph
import PlanLanguage
import VM

/// What a plan's command finds in its environment about its place in the run.
///
/// Scripts of release jobs get none of it: their environment is BOSH's.
extension LiveMachine {
  /// The variables of an attempt, as `NAME=VALUE`; none if the run has no name.
  func variables(of node: NodeID, attempt: Int, _ cause: HandlerCause?) -> [String] {
    guard let runName else { return [] }
    let subject = graph[node].subject
    var variables = [
      ("RUN", runName), ("PLAN", graph.planName), ("STEP", graph.name(node)),
      ("ATTEMPT", String(attempt)),
    ]
    if let instance = vms.instance(of: subject) {
      variables.append(("INSTANCE", graph.subjects.path(instance)))
      variables.append(
        ("DEPLOYMENT_JOB", graph.subjects.name(graph.subjects.parent(instance)))
      )
    }
    if graph.subjects.scope(subject) == .releaseJob {
      variables.append(("RELEASE_JOB", graph.subjects.name(subject)))
    }
    if let cause {
      variables.append(("FAILED_STEPS", cause.names(in: graph)))
      variables.append(("REASON", cause.reason))
    }
    return variables.map { "\(ReservedVariables.prefix)\($0)=\($1)" }
  }
}

extension HandlerCause {
  /// No environment variable may be longer than 128 KiB, and nobody reads that much.
  private static let mostBytes = 16 << 10
  private static let mostReason = 500

  /// The names of the steps, separated by blanks, which no name contains; `...` at the end if there
  /// are more.
  func names(in graph: Graph) -> String {
    var text = ""
    var isCut = others > 0
    for step in steps {
      let name = graph.name(step)
      if text.utf8.count + name.utf8.count > Self.mostBytes {
        isCut = true
        break
      }
      text += text.isEmpty ? name : " \(name)"
    }
    if isCut { text += text.isEmpty ? "..." : " ..." }
    return text
  }

  /// Why, in one line without control characters.
  var reason: String {
    switch ending {
    case .succeeded: return "succeeded"
    case .failed(let failure):
      let line = describe(failure).unicodeScalars.prefix(Self.mostReason).map { scalar in
        scalar.properties.generalCategory == .control ? " " : Character(scalar)
      }
      return String(line)
    }
  }
}
