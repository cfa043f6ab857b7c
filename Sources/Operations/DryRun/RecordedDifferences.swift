import Execution
import Journal
import PlanGraph

/// How what is asked for now differs from what a recorded run had.
struct RecordedDifferences {
  /// For people, each behind "run RUN ".
  private(set) var words: [String] = []
  /// Whether the plan itself differs.
  private(set) var isOfPlan = false

  /// Compares.
  ///
  /// - Parameters:
  ///   - header: of the run.
  ///   - then: its plan, with what it had been given.
  ///   - today: what is asked for now.
  ///   - leftOut: the steps that are left out now; nil where nobody chooses.
  init(
    _ header: RunHeader,
    _ then: Preparation,
    _ today: Preparation,
    leavingOut leftOut: [NodeID: RunPolicy.PassOver]?
  ) {
    if header.plan != today.request.plan.key {
      words.append("is of the plan \(header.plan), not of \(today.request.plan.key)")
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
      words.append("had another choice of steps")
    }
  }

  /// Whether the plan that is named now compiles to something else, with what the run had been given.
  private static func hasChanged(_ then: Preparation, _ plan: LoadedPlan) -> Bool {
    // What came through a pipe has been read.
    guard var loaded = PlanCompilation.again(plan) else { return false }
    let site = then.vms.site(facts: then.request.facts)
    let built = PlanCompilation.build(&loaded, parameters: then.request.parameters, site: site)
    guard let now = built.graph else { return true }
    let isSame = GraphIdentity(now).whole == GraphIdentity(then.graph).whole
    // The names of phases are no part of the identity.
    return !isSame
      || now.nodes.indices.contains { now.name($0) != then.graph.name($0) }
  }

  /// Only what is given is compared; what is not is taken from the run.
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
