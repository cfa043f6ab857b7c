/// Where each clause is allowed: the table of the language's reference, cell by cell.
package enum Placement {
  /// A construct that can have clauses.
  package enum Place: String, Sendable, CaseIterable {
    case plan, phase, parallel, sequence, onFailure, finally
    case script, run, wait, start, stop, unmonitor, drain

    /// Whether it is a step.
    package var isStep: Bool {
      switch self {
      case .plan, .phase, .parallel, .sequence, .onFailure, .finally: false
      case .script, .run, .wait, .start, .stop, .unmonitor, .drain: true
      }
    }

    /// The place for the clauses of a step with this action.
    init(_ action: ActionSyntax) {
      switch action {
      case .script: self = .script
      case .run: self = .run
      case .wait: self = .wait
      case .start, .startUnits: self = .start
      case .stop, .stopUnits: self = .stop
      case .unmonitor: self = .unmonitor
      case .drain: self = .drain
      }
    }

    /// Its name in messages.
    package var name: String {
      switch self {
      case .plan: "the plan"
      case .phase: "a phase"
      case .parallel: "'parallel'"
      case .sequence: "'sequence'"
      case .onFailure: "'on failure'"
      case .finally: "'finally'"
      case .script, .run, .wait, .start, .stop, .unmonitor, .drain: "a step of '\(rawValue)'"
      }
    }
  }

  /// Whether a clause of this kind is allowed there.
  package static func allows(_ kind: Clause.Kind, in place: Place) -> Bool {
    switch kind {
    case .env, .timeout: true
    case .retry, .when, .optional: place != .plan
    case .defaults: !place.isStep
    case .limit: place == .plan || place == .phase || place == .parallel
    case .grace: place.isStep
    case .settle: place == .start
    case .every: place == .wait
    case .strict: place == .drain
    case .idempotent: place == .run
    }
  }

  /// Where clauses of this kind are allowed, for messages.
  static func places(of kind: Clause.Kind) -> String {
    switch kind {
    case .env, .timeout: "anywhere"
    case .retry, .when, .optional: "in a phase, 'parallel', 'sequence', a handler or a step"
    case .defaults: "in the plan, a phase, 'parallel', 'sequence' or a handler"
    case .limit: "in the plan, a phase or 'parallel'"
    case .grace: "in a step or in 'default'"
    case .settle: "in a step of 'start' or in 'default'"
    case .every: "in a step of 'wait' or in 'default'"
    case .strict: "in a step of 'drain' or in 'default'"
    case .idempotent: "in a step of 'run'"
    }
  }
}
