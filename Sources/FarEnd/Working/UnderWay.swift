import Clock
import Execution
import Machine
import PlanGraph
import PlanLanguage
import System
import VM
import Wire

/// An attempt that is under way, or an earlier coordinator's that is followed to its end.
struct UnderWay {
  var attempt: Int
  var asked: Instant
  var process: Int32?
  var isStarted = false
  /// Whether it was begun before this process worked for the run.
  var isRecovered = false
  /// Whether its time was over while there was no near end.
  var isTimedOut = false
  var timer: TimerToken?
  /// What is started when it has ended.
  var next: (attempt: Int, cause: HandlerCauseWords?)?
}

extension VMPlan {
  /// The VM of each instance: all of them are the one here.
  func machines(_ vm: VMFolder) -> [SubjectID: VMFolder] {
    var result: [SubjectID: VMFolder] = [:]
    for job in graph.subjects.members(of: .deployment, at: .deploymentJob) {
      for instance in graph.subjects.members(of: job, at: .instance) { result[instance] = vm }
    }
    return result
  }
}
