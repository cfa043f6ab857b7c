/// The construct whose braces are being read: what it can contain, and its name in messages.
enum Context: Sendable {
  case plan, deploymentJob, rollout, phase, parallel, sequence, onFailure, finally, step, defaults,
    test

  /// Its name in messages.
  var name: String {
    switch self {
    case .plan: "the plan"
    case .deploymentJob: "a deployment job"
    case .rollout: "a rollout"
    case .phase: "a phase"
    case .parallel: "'parallel'"
    case .sequence: "'sequence'"
    case .onFailure: "'on failure'"
    case .finally: "'finally'"
    case .step: "a step's braces"
    case .defaults: "'default'"
    case .test: "a test"
    }
  }

  /// What its braces can contain, in order.
  var contents: String {
    switch self {
    case .plan:
      "clauses, then items (param, deployment-job, include, phase, barrier, rollout), then tests"
    case .deploymentJob: "release-jobs, instances, after, canaries and max-in-flight"
    case .rollout:
      "canaries and max-in-flight, then phases, barriers and includes, then handlers"
    case .phase, .parallel, .sequence, .onFailure, .finally:
      "clauses, then statements (script, run, wait, start, stop, unmonitor, drain, parallel, sequence)"
    case .step: "clauses (such as timeout, retry, env, when)"
    case .defaults: "retry, timeout, grace, settle, every and strict"
    case .test: "release-jobs, with, when and expect"
    }
  }

  /// Whether the word can begin something inside.
  func accepts(_ word: Word) -> Bool {
    switch self {
    case .plan:
      word.role == .clause || word.role == .item || word.role == .handler || word.role == .test
    case .deploymentJob: word.role == .jobClause || word.role == .pace
    case .rollout:
      word.role == .pace || word == .phase || word == .barrier || word == .include
        || word.role == .handler
    case .phase, .parallel, .sequence, .onFailure, .finally:
      word.role == .clause || word.role == .statement || word.role == .handler
    case .step: word.role == .clause
    case .defaults: word.isTuning
    case .test: word.role == .trial || word == .when || word == .releaseJobs
    }
  }

  /// Whether a word that is not accepted here can begin something in a construct around this one.
  func isInside(acceptorOf word: Word) -> Bool {
    switch self {
    case .plan: false
    case .deploymentJob, .rollout, .test:
      word.role == .item || word.role == .handler || word.role == .test
    case .phase, .parallel, .sequence, .onFailure, .finally:
      word.role == .item || word.role == .test
    case .step, .defaults:
      word.role == .item || word.role == .test || word.role == .statement || word.role == .handler
        || (self == .defaults && word.role == .clause)
    }
  }
}

extension Word {
  /// Where the word can begin something, for messages.
  var home: String? {
    switch role {
    case .item:
      switch self {
      case .phase, .barrier, .include: "directly in the plan or in a rollout"
      default: "directly in the plan"
      }
    case .pace: "in a deployment job or at the beginning of a rollout"
    case .jobClause: "in a deployment job"
    case .statement: "in a phase, 'parallel', 'sequence' or a handler"
    case .handler:
      "at the end of the plan, a rollout, a phase, 'parallel', 'sequence' or another handler"
    case .clause: "at the beginning of the plan, a phase, 'parallel', 'sequence' or a step's braces"
    case .test: "at the end of the plan"
    case .trial: "in a test"
    case .ordinary: nil
    }
  }
}
