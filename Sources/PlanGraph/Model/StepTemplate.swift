package import PlanLanguage

/// A step as the plan says it, with everything that it inherits, common to all its subjects.
///
/// A plan can have a million of them, and most have the same rules: those are kept apart, once for all
/// that have them.
package struct StepTemplate: Sendable {
  /// Its name within its phase: the label, or made of kind and argument; unique there.
  package var name: String
  package var action: StepAction
  private var rules: SharedRules
  /// The phase that it stands in; for a step of the plan's own handlers, the item of those.
  package var item: ItemID
  /// Where its action stands.
  package var location: Location
  package var documentation: String?

  /// What a step does not have for itself.
  private struct Rules: Hashable, Sendable {
    var retry: Retry?
    var timeout: Duration?
    var grace: Duration
    var settle: Duration
    var every: Duration
    var isStrict: Bool
    var environment: [EnvironmentVariable]
    var isIdempotent: Bool
    var isOptional: Bool
    var condition: RuntimeCondition?
    var skipReason: String?
    var limits: [LimitID]
    var takesBlockSlot: Bool
  }

  private final class SharedRules: Sendable {
    let rules: Rules
    init(_ rules: Rules) { self.rules = rules }

    /// The same with one thing changed.
    func with<Value>(_ path: WritableKeyPath<Rules, Value>, _ value: Value) -> SharedRules {
      var changed = rules
      changed[keyPath: path] = value
      return SharedRules(changed)
    }
  }

  /// Makes a template.
  package init(
    name: String,
    action: StepAction,
    retry: Retry?,
    timeout: Duration?,
    grace: Duration,
    settle: Duration,
    every: Duration,
    isStrict: Bool = false,
    environment: [EnvironmentVariable],
    isIdempotent: Bool,
    isOptional: Bool,
    condition: RuntimeCondition?,
    skipReason: String?,
    limits: [LimitID],
    takesBlockSlot: Bool,
    item: ItemID,
    location: Location,
    documentation: String?
  ) {
    self.name = name
    self.action = action
    self.item = item
    self.location = location
    self.documentation = documentation
    rules = SharedRules(
      Rules(
        retry: retry,
        timeout: timeout,
        grace: grace,
        settle: settle,
        every: every,
        isStrict: isStrict,
        environment: environment,
        isIdempotent: isIdempotent,
        isOptional: isOptional,
        condition: condition,
        skipReason: skipReason,
        limits: limits,
        takesBlockSlot: takesBlockSlot,
      )
    )
  }

  /// Keeps its rules together with those of another step, where they are the same.
  package mutating func share(with other: StepTemplate) {
    if rules.rules == other.rules.rules { rules = other.rules }
  }

  /// Whether its rules are kept together with those of another step: all but the name, the action,
  /// the item, the place and the documentation are then the same.
  package func sharesRules(with other: StepTemplate) -> Bool { rules === other.rules }

  /// nil for a single attempt.
  package var retry: Retry? {
    get { rules.rules.retry }
    set { rules = rules.with(\.retry, newValue) }
  }

  /// Bound on one attempt; nil for none.
  package var timeout: Duration? {
    get { rules.rules.timeout }
    set { rules = rules.with(\.timeout, newValue) }
  }

  /// Between TERM and KILL.
  package var grace: Duration {
    get { rules.rules.grace }
    set { rules = rules.with(\.grace, newValue) }
  }

  /// For `start`: how long the processes must run without a restart.
  package var settle: Duration {
    get { rules.rules.settle }
    set { rules = rules.with(\.settle, newValue) }
  }

  /// For `wait`: the pause between two looks.
  package var every: Duration {
    get { rules.rules.every }
    set { rules = rules.with(\.every, newValue) }
  }

  /// For `drain`: whether a number with another exit status than 0 is a failure.
  package var isStrict: Bool {
    get { rules.rules.isStrict }
    set { rules = rules.with(\.isStrict, newValue) }
  }

  /// Outermost first, no name twice.
  package var environment: [EnvironmentVariable] {
    get { rules.rules.environment }
    set { rules = rules.with(\.environment, newValue) }
  }

  /// Whether it may be started again after a start whose end nobody knows.
  package var isIdempotent: Bool {
    get { rules.rules.isIdempotent }
    set { rules = rules.with(\.isIdempotent, newValue) }
  }

  package var isOptional: Bool {
    get { rules.rules.isOptional }
    set { rules = rules.with(\.isOptional, newValue) }
  }

  /// Asked when the step would first start; nil for always.
  package var condition: RuntimeCondition? {
    get { rules.rules.condition }
    set { rules = rules.with(\.condition, newValue) }
  }

  /// Why it never runs, where `when` was decided by facts and parameters; nil where it does.
  package var skipReason: String? {
    get { rules.rules.skipReason }
    set { rules = rules.with(\.skipReason, newValue) }
  }

  /// Limits over the whole run in which it holds a slot.
  package var limits: [LimitID] {
    get { rules.rules.limits }
    set { rules = rules.with(\.limits, newValue) }
  }

  /// Whether it holds a slot of the block around it.
  package var takesBlockSlot: Bool {
    get { rules.rules.takesBlockSlot }
    set { rules = rules.with(\.takesBlockSlot, newValue) }
  }
}

extension StepTemplate {
  /// What its process finds in its environment besides `PATH`: what the plan adds, and for a drain
  /// script `BOSH_JOB_STATE`, which is there in any case.
  ///
  /// - Parameter persistentDisk: the size of the VM's persistent disk in MiB, which a drain script is
  ///   told where the plan does not say anything else; nil where VMs differ.
  /// - Returns: the variables, outermost first, no name twice.
  package func foundEnvironment(persistentDisk: Int?) -> [EnvironmentVariable] {
    guard action.isDrain else { return environment }
    var state = JobState.variable
    if let persistentDisk { state.value = JobState.text(persistentDisk) }
    guard let index = environment.firstIndex(where: { $0.name == state.name }) else {
      return [state] + environment
    }
    if environment[index].isSecret || environment[index].value != JobState.open {
      return environment
    }
    var found = environment
    found[index] = state
    return found
  }
}

/// What a drain script is told of its VM, in `BOSH_JOB_STATE`.
package enum JobState {
  /// Where it is for the VM to say, in a plan too.
  package static let open = #"{"persistent_disk":null}"#

  /// With the size of a disk in MiB.
  package static func text(_ persistentDisk: Int) -> String {
    #"{"persistent_disk":\#(persistentDisk)}"#
  }

  /// The variable, with the size left to the VM.
  package static let variable = EnvironmentVariable(
    name: "BOSH_JOB_STATE",
    value: open,
    isSecret: false
  )
}
