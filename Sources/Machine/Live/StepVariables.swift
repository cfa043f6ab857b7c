import Execution
import PlanGraph
import PlanLanguage
import VM

/// The environment variables that tell a plan's command about its place in the run.
///
/// Scripts of release jobs get none of it: their environment is BOSH's.
extension LiveMachine {
  /// The variables of an attempt, as `NAME=VALUE`; none if the run has no name.
  func variables(of node: NodeID, attempt: Int, _ cause: HandlerCauseWords?) -> [String] {
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
      variables.append(("FAILED_STEPS", cause.failedSteps))
      variables.append(("REASON", cause.reason))
    }
    return variables.map { "\(ReservedVariables.prefix)\($0)=\($1)" }
  }
}
