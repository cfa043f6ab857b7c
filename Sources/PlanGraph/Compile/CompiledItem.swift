import PlanLanguage

/// A compiled item of the plan.
enum CompiledItem {
  case phase(CompiledPhase)
  case barrier(ItemID, Scope)
  case rollout(CompiledRollout)

  /// Whether it joins the whole deployment.
  var joinsDeployment: Bool {
    switch self {
    case .phase(let phase): phase.scope == .deployment
    case .barrier(_, let scope): scope == .deployment
    case .rollout: false
    }
  }

  /// Whether a stretch ends before it and another begins after it: it joins the whole deployment,
  /// or `after` does not order it.
  var dividesStretches: Bool {
    switch self {
    case .phase(let phase): phase.scope == .deployment || phase.isSideBySide
    case .barrier(_, let scope): scope == .deployment
    case .rollout: false
    }
  }
}

/// A compiled rollout.
struct CompiledRollout {
  var item: ItemID
  /// For each deployment job, by its place in the list: its block, and how many canaries go first.
  var blocks: [(template: BlockTemplateID, canaries: Int)]
  var entry: BlockTemplateID
  var items: [CompiledItem]
  /// Handlers of an instance's way through it, in the order of the text.
  var handlers: [(isFailure: Bool, block: CompiledBlock)] = []
}

/// The release jobs that a phase names, as found on the machines.
struct NamedReleaseJobs {
  /// The param that gave the names, if one did.
  let param: String?
  /// For each name, whether any release job with it takes part.
  private var takesPart: [String: Bool] = [:]

  init(param: String?) { self.param = param }

  mutating func meet(_ name: String, takesPart isBusy: Bool) {
    takesPart[name] = isBusy || takesPart[name] == true
  }

  /// The names that have nothing to do anywhere.
  var idle: [String] { takesPart.filter { !$0.value }.keys.sorted() }
}

extension Assembly {
  func itemID(_ item: CompiledItem) -> ItemID {
    switch item {
    case .phase(let phase): phase.item
    case .barrier(let id, _): id
    case .rollout(let rollout): rollout.item
    }
  }

  func applies(_ item: CompiledItem, to job: DeploymentJob) -> Bool {
    switch item {
    case .phase(let phase): phase.deploymentJobs?.contains(job.name) ?? true
    case .barrier: false
    case .rollout(let rollout): rollout.items.contains { applies($0, to: job) }
    }
  }
}
