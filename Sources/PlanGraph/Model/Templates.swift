package import PlanLanguage

/// A kind of failure that a retry may be restricted to.
package enum RetryReason: Hashable, Sendable {
  /// This exit status, 1 to 255.
  case exit(Int)
  /// Death by a signal that Lockstep did not send.
  case signal
  /// The attempt's timeout.
  case timeout
}

/// Further attempts after a failure.
package struct Retry: Hashable, Sendable {
  /// How many, not counting the first attempt.
  package var count: Int
  /// The pause after a failure: `low` if both bounds are equal.
  ///
  /// Else it is random, between `low` and an upper bound that doubles with each attempt, from twice
  /// `low` up to `high`.
  package var low: Duration
  /// See `low`.
  package var high: Duration
  /// The failures after which to try again; empty means all.
  package var only: Set<RetryReason>
}

/// A variable that the plan adds to a step's environment.
package struct EnvironmentVariable: Hashable, Sendable {
  /// Its name.
  package var name: String
  /// Its value.
  ///
  /// If `isSecret`, it must not be shown, logged or recorded.
  package var value: String
  /// Whether a secret parameter is part of the value.
  package var isSecret: Bool

  /// Makes a variable.
  package init(name: String, value: String, isSecret: Bool) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }

  /// The value as it may be shown.
  package var shown: String { isSecret ? "(secret)" : value }
}

/// A command with its parameters filled in.
package enum Command: Hashable, Sendable {
  /// A line for `/bin/sh -ec`.
  case shell(String)
  /// An argument vector with at least one element.
  case arguments([String])

  /// The argument vector to execute.
  package var vector: [String] {
    switch self {
    case .shell(let line): ["/bin/sh", "-ec", line]
    case .arguments(let vector): vector
    }
  }
}

/// The check that a `wait` repeats until it succeeds.
package enum Probe: Hashable, Sendable {
  /// Whether `HOST:PORT` accepts a connection.
  case tcp(String)
  /// Whether the path exists.
  case file(String)
  /// Whether the command exits with 0.
  case command(Command)
}

/// What a step does.
package enum StepAction: Hashable, Sendable {
  /// The release job's `bin/NAME`.
  case script(String)
  case run(Command)
  case wait(Probe)
  case start
  case stop
  /// Starts these systemd units of the machine: full names, none twice.
  case startUnits([String])
  /// Stops such units.
  case stopUnits([String])
  case unmonitor
  /// The release job's `bin/drain`, with its first arguments: what happens to the release jobs
  /// (`job_shutdown`) and to their packages (`hash_unchanged`), and the packages that change.
  case drain([String])
}

extension StepAction {
  /// Whether it is a drain.
  package var isDrain: Bool { if case .drain = self { true } else { false } }

  /// Whether it starts a process of its own, which gets what the plan says with `env`.
  package var hasEnvironment: Bool {
    switch self {
    case .script, .run, .drain, .wait(.command): true
    case .wait(.tcp), .wait(.file), .start, .stop, .startUnits, .stopUnits, .unmonitor: false
    }
  }

  /// Whether it starts something that `settle` is about: processes or units.
  package var isStart: Bool {
    switch self {
    case .start, .startUnits: true
    case .script, .run, .wait, .stop, .stopUnits, .unmonitor, .drain: false
    }
  }

  /// The systemd units that it names; none for any other action.
  package var units: [String] {
    switch self {
    case .startUnits(let units), .stopUnits(let units): units
    case .script, .run, .wait, .start, .stop, .unmonitor, .drain: []
    }
  }
}

/// The part of a condition that the machine must be asked about.
package indirect enum RuntimeCondition: Hashable, Sendable {
  /// Whether a path exists where the step would run.
  case exists(String)
  case not(RuntimeCondition)
  /// True if all are.
  case all([RuntimeCondition])
  /// True if any is.
  case any([RuntimeCondition])
}

/// A block as the plan states it: the whole plan, a phase on one subject, a group, a handler, or an
/// instance's way through a rollout.
package struct BlockTemplate: Sendable {
  package enum Kind: Hashable, Sendable {
    case plan, phase, parallel, sequence, onFailure, finally
    /// The whole rollout of one deployment job.
    case rollout
    /// One instance's way through a rollout.
    case rolloutEntry

    /// Whether it is an `on failure` or a `finally`.
    package var isHandler: Bool { self == .onFailure || self == .finally }
  }

  package var kind: Kind
  /// The label, or the word for its kind; for a phase its name.
  package var name: String
  package var retry: Retry?
  /// The time limit of one attempt, without its handlers.
  package var timeout: Duration?
  package var isOptional: Bool
  package var condition: RuntimeCondition?
  package var skipReason: String?
  /// How many blocks and steps directly inside may run at once; nil for no limit.
  package var slots: Int?
  /// Whether nothing more inside gets a slot after a failure inside.
  package var closesAfterFailure: Bool
  /// The limits over the whole run in which it holds a slot.
  package var limits: [LimitID]
  /// Whether it holds a slot of the block around it.
  package var takesBlockSlot: Bool
  package var item: ItemID
  package var location: Location
}
