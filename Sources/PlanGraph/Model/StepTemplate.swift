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
  package struct Rules: Hashable, Sendable {
    /// The retry; nil for a single attempt.
    package var retry: Retry?
    /// The time limit of one attempt; nil for none.
    package var timeout: Duration?
    /// The time between TERM and KILL.
    package var grace: Duration
    /// For `start`: how long the processes must run without a restart.
    package var settle: Duration
    /// For `wait`: the pause between two checks.
    package var every: Duration
    /// For `drain`: whether a number with a nonzero exit status is a failure.
    package var isStrict = false
    /// The variables, outermost first, no name twice.
    package var environment: [EnvironmentVariable] = []
    /// Whether it may be started again after a start with an unknown result.
    package var isIdempotent = false
    package var isOptional = false
    /// The condition, asked when the step would first start; nil for none.
    package var condition: RuntimeCondition?
    /// Why it never runs, if facts and parameters decide that `when` is false; else nil.
    package var skipReason: String?
    /// The limits over the whole run in which it holds a slot.
    package var limits: [LimitID] = []
    /// Whether it holds a slot of the block around it.
    package var takesBlockSlot = false
  }

  private final class SharedRules: Sendable {
    let rules: Rules
    init(_ rules: Rules) { self.rules = rules }
  }

  /// Makes a template.
  package init(
    name: String,
    action: StepAction,
    _ rules: Rules,
    item: ItemID,
    location: Location,
    documentation: String?
  ) {
    self.name = name
    self.action = action
    self.rules = SharedRules(rules)
    self.item = item
    self.location = location
    self.documentation = documentation
  }

  /// Changes its rules, and those of no other step.
  package mutating func change(_ body: (inout Rules) -> Void) {
    var changed = rules.rules
    body(&changed)
    rules = SharedRules(changed)
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
}

extension StepTemplate.Rules {
  /// Makes rules that have only what every step has.
  package init(grace: Duration, settle: Duration, every: Duration) {
    self.grace = grace
    self.settle = settle
    self.every = every
  }
}

/// Its rules, as `Rules` describes them.
extension StepTemplate {
  package var retry: Retry? { rules.rules.retry }
  package var timeout: Duration? { rules.rules.timeout }
  package var grace: Duration { rules.rules.grace }
  package var settle: Duration { rules.rules.settle }
  package var every: Duration { rules.rules.every }
  package var isStrict: Bool { rules.rules.isStrict }
  package var environment: [EnvironmentVariable] { rules.rules.environment }
  package var isIdempotent: Bool { rules.rules.isIdempotent }
  package var isOptional: Bool { rules.rules.isOptional }
  package var condition: RuntimeCondition? { rules.rules.condition }
  package var skipReason: String? { rules.rules.skipReason }
  package var limits: [LimitID] { rules.rules.limits }
  package var takesBlockSlot: Bool { rules.rules.takesBlockSlot }
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
