package import PlanLanguage

/// A step as the plan states it, with everything that it inherits.
///
/// It is the same for all its subjects.
///
/// A plan can have a million of them, and most have the same rules. So templates with the same
/// rules share them.
package struct StepTemplate: Sendable {
  /// Its name, unique within its phase: the label, or a name made from its kind and argument.
  package var name: String
  package var action: StepAction
  private var rules: SharedRules
  /// The phase that it is in; for a step of the plan's own handlers, their item.
  package var item: ItemID
  /// The location of its action.
  package var location: Location
  package var documentation: String?

  /// The settings that steps can share.
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

    /// A copy with one setting changed.
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

  /// Shares the rules of another step if they are equal.
  package mutating func share(with other: StepTemplate) {
    if rules.rules == other.rules.rules { rules = other.rules }
  }

  /// Whether it shares its rules with another step.
  ///
  /// Then everything is equal except the name, the action, the item, the location and the
  /// documentation.
  package func sharesRules(with other: StepTemplate) -> Bool { rules === other.rules }

  /// The retry; nil for a single attempt.
  package var retry: Retry? {
    get { rules.rules.retry }
    set { rules = rules.with(\.retry, newValue) }
  }

  /// The time limit of one attempt; nil for none.
  package var timeout: Duration? {
    get { rules.rules.timeout }
    set { rules = rules.with(\.timeout, newValue) }
  }

  /// The time between TERM and KILL.
  package var grace: Duration {
    get { rules.rules.grace }
    set { rules = rules.with(\.grace, newValue) }
  }

  /// For `start`: how long the processes must run without a restart.
  package var settle: Duration {
    get { rules.rules.settle }
    set { rules = rules.with(\.settle, newValue) }
  }

  /// For `wait`: the pause between two checks.
  package var every: Duration {
    get { rules.rules.every }
    set { rules = rules.with(\.every, newValue) }
  }

  /// For `drain`: whether a number with a nonzero exit status is a failure.
  package var isStrict: Bool {
    get { rules.rules.isStrict }
    set { rules = rules.with(\.isStrict, newValue) }
  }

  /// The variables, outermost first, no name twice.
  package var environment: [EnvironmentVariable] {
    get { rules.rules.environment }
    set { rules = rules.with(\.environment, newValue) }
  }

  /// Whether it may be started again after a start with an unknown result.
  package var isIdempotent: Bool {
    get { rules.rules.isIdempotent }
    set { rules = rules.with(\.isIdempotent, newValue) }
  }

  package var isOptional: Bool {
    get { rules.rules.isOptional }
    set { rules = rules.with(\.isOptional, newValue) }
  }

  /// The condition, asked when the step would first start; nil for none.
  package var condition: RuntimeCondition? {
    get { rules.rules.condition }
    set { rules = rules.with(\.condition, newValue) }
  }

  /// Why it never runs, if facts and parameters decide that `when` is false; otherwise nil.
  package var skipReason: String? {
    get { rules.rules.skipReason }
    set { rules = rules.with(\.skipReason, newValue) }
  }

  /// The limits over the whole run in which it holds a slot.
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
  /// The environment of its process besides `PATH`: the variables that the plan adds, and for a
  /// drain script always `BOSH_JOB_STATE`.
  ///
  /// - Parameter persistentDisk: the size of the VM's persistent disk in MiB. A drain script gets
  ///   it unless the plan sets something else. Nil if VMs differ.
  /// - Returns: the variables, outermost first, no name twice; none for a step without a process of
  ///   its own, as a supervisor gives processes their environment.
  package func foundEnvironment(persistentDisk: Int?) -> [EnvironmentVariable] {
    guard action.hasEnvironment else { return [] }
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

/// What a drain script learns about its VM, in `BOSH_JOB_STATE`.
package enum JobState {
  /// The value that leaves the size to the VM, also in a plan.
  package static let open = #"{"persistent_disk":null}"#

  /// The value with the size of a disk in MiB.
  package static func text(_ persistentDisk: Int) -> String {
    #"{"persistent_disk":\#(persistentDisk)}"#
  }

  /// The variable that leaves the size to the VM.
  package static let variable = EnvironmentVariable(
    name: "BOSH_JOB_STATE",
    value: open,
    isSecret: false
  )
}
