import Execution
import Journal
import PlanGraph

/// How a request differs from what a recorded run had.
struct RecordedDifferences {
  /// For people, each to follow "run RUN ".
  private(set) var words: [String] = []
  /// Whether the plan itself differs.
  private(set) var isOfPlan = false

  /// Compares the two.
  ///
  /// - Parameters:
  ///   - header: of the run.
  ///   - then: its plan, with its params and facts.
  ///   - today: the request.
  ///   - leftOut: the steps that are left out now; nil if nothing is selected.
  init(
    _ header: RunHeader,
    _ then: Preparation,
    _ today: Preparation,
    leavingOut leftOut: [NodeID: RunPolicy.PassOver]?
  ) {
    if header.plan != today.request.plan.key {
      words.append("ran the plan \(header.plan), not \(today.request.plan.key)")
      isOfPlan = true
    }
    compare("param", today.request.parameters, header.parameters, hidden: Set(header.secrets))
    compare("fact", today.request.facts, header.facts, hidden: [])
    if !isOfPlan, Self.hasChanged(then, today.request.plan) {
      words.append("had another plan: it, or what it includes, has changed since")
      isOfPlan = true
    }
    let chosen = header.policy.passedOver.filter { $0.value == .notChosen }
    if let leftOut, leftOut != chosen {
      words.append("had another selection of steps")
    }
  }

  /// Whether the requested plan compiles to something else with the run's params and facts.
  private static func hasChanged(_ then: Preparation, _ plan: LoadedPlan) -> Bool {
    // A pipe has already been read.
    guard var loaded = PlanCompilation.again(plan) else { return false }
    let site = then.vms.site(facts: then.request.facts)
    let built = PlanCompilation.build(&loaded, parameters: then.request.parameters, site: site)
    guard let now = built.graph else { return true }
    let isSame = GraphIdentity(now).whole == GraphIdentity(then.graph).whole
    // The identity does not cover the names of phases.
    return !isSame
      || now.nodes.indices.contains { now.name($0) != then.graph.name($0) }
  }

  /// Only given values are compared.
  ///
  /// The others are taken from the run.
  private mutating func compare(
    _ kind: String,
    _ given: [String: String],
    _ recorded: [RunHeader.Pair],
    hidden: Set<String>
  ) {
    let known = Dictionary(recorded.map { ($0.name, $0.value) }) { $1 }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) where !hidden.contains(name) {
      guard known[name] != value else { continue }
      words.append(
        known[name].map { "had the \(kind) \(name) = '\($0)', not '\(value)'" }
          ?? "was given no \(kind) \(name)"
      )
    }
  }
}
