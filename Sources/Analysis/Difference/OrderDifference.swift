package import PlanGraph

/// The differences in order between the steps that two plans share.
package struct OrderDifference: Sendable {
  /// How the subjects of two steps are related: the narrowest subject that holds both.
  package enum Relation: Int, Hashable, Sendable, CaseIterable {
    case sameReleaseJob, sameInstance, sameDeploymentJob, across

    /// The words for it, after "on" or "of".
    package var words: String {
      switch self {
      case .sameReleaseJob: "the same subject"
      case .sameInstance: "the same instance"
      case .sameDeploymentJob: "the same deployment job"
      case .across: "different deployment jobs"
      }
    }
  }

  /// All orderings of one kind: between the steps of two templates whose subjects are related in
  /// the same way.
  package struct Group: Sendable {
    /// In the plan that has the ordering.
    package var before: StepTemplateID
    package var after: StepTemplateID
    package var relation: Relation
    package var count: Int
    /// The first pair, in the plan that has the ordering.
    package var example: (before: NodeID, after: NodeID)
    /// How many of them are reversed in the other plan.
    package var reversed: Int
    /// Whether it follows from others: there is something between the two whose orderings with both
    /// are in the list too.
    package var isConsequence = false
  }

  /// The orderings that only the old plan has; those that do not follow from others come first.
  package let lost: [Group]
  /// The orderings that only the new plan has, likewise.
  package let gained: [Group]

  /// How many pairs of steps have lost their order, so that they may overlap now.
  package var nowOverlapping: Int { lost.reduce(0) { $0 + $1.count - $1.reversed } }
  /// How many pairs are reversed now.
  package var reversed: Int { lost.reduce(0) { $0 + $1.reversed } }

  /// Compares.
  init(_ old: Graph, _ new: Graph, _ shared: [(old: NodeID, new: NodeID)]) {
    let (oldOrder, newOrder) = (PrecedenceOrder(old), PrecedenceOrder(new))
    let (oldPlaces, newPlaces) = (Places(old), Places(new))
    var (lost, gained) = (Groups(old), Groups(new))
    var (oldMasks, newMasks): (Table<NodeID, NodeMask>, Table<NodeID, NodeMask>) = ([], [])
    var start = 0
    while start < shared.count {
      let chunk = shared[start..<min(start + NodeMask.width, shared.count)]
      oldOrder.mark(chunk.map(\.old)[...], into: &oldMasks)
      newOrder.mark(chunk.map(\.new)[...], into: &newMasks)
      for later in shared {
        let was = oldMasks[later.old]
        let isNow = newMasks[later.new]
        if was == isNow { continue }
        was.subtracting(isNow).forEach {
          let earlier = chunk[chunk.startIndex + $0]
          lost.add(earlier.old, later.old, oldPlaces, partners: (earlier.new, later.new))
        }
        isNow.subtracting(was).forEach {
          let earlier = chunk[chunk.startIndex + $0]
          gained.add(earlier.new, later.new, newPlaces, partners: (earlier.old, later.old))
        }
      }
      start += chunk.count
    }
    self.lost = lost.finished(reversedIn: newOrder)
    self.gained = gained.finished(reversedIn: oldOrder)
  }

  /// For each node, the position of its subject.
  private struct Places {
    var releaseJobs: Table<NodeID, SubjectID>
    var instances: Table<NodeID, SubjectID>
    var deploymentJobs: Table<NodeID, SubjectID>

    init(_ graph: Graph) {
      let subjects = graph.subjects
      // The distance of each subject from the deployment. A subject comes after what holds it.
      var depths = Table<SubjectID, Int>(repeating: 0, count: subjects.count)
      for subject in subjects.indices.dropFirst() {
        depths[subject] = 1 + depths[subjects.parent(subject)]
      }
      func ancestors(_ depth: Int) -> Table<NodeID, SubjectID> {
        graph.nodes.mapValues { node in
          var subject = node.subject
          while depths[subject] > depth { subject = subjects.parent(subject) }
          return subject
        }
      }
      releaseJobs = ancestors(3)
      instances = ancestors(2)
      deploymentJobs = ancestors(1)
    }

    @inline(__always)
    func relation(_ a: NodeID, _ b: NodeID) -> Relation {
      if releaseJobs[a] == releaseJobs[b] { return .sameReleaseJob }
      if instances[a] == instances[b] { return .sameInstance }
      return deploymentJobs[a] == deploymentJobs[b] ? .sameDeploymentJob : .across
    }
  }

  /// Orderings as they are found.
  private struct Groups {
    private let graph: Graph
    /// The group of two templates and a relation.
    ///
    /// `dense` is used if there are not too many of them.
    private var places: [Int: Int] = [:]
    private var dense: [Int32] = []
    private var groups: [Group] = []
    /// For each group, some of its pairs in the other plan.
    private var partners: [[(NodeID, NodeID)]] = []

    init(_ graph: Graph) {
      self.graph = graph
      let size = graph.steps.count * graph.steps.count * 4
      if size <= 1 << 22 { dense = Array(repeating: -1, count: size) }
    }

    @inline(__always)
    mutating func add(
      _ earlier: NodeID,
      _ later: NodeID,
      _ places: Places,
      partners other: (NodeID, NodeID)
    ) {
      let relation = places.relation(earlier, later)
      let before = graph.statement(graph[earlier].template)
      let after = graph.statement(graph[later].template)
      let pair = Int(before.index) * graph.steps.count + Int(after.index)
      let key = pair * 4 + relation.rawValue
      let known = dense.isEmpty ? self.places[key] ?? -1 : Int(dense[key])
      if known >= 0 {
        groups[known].count += 1
        // In an ordering the later step always has the larger number.
        if other.1 < other.0 { partners[known].append(other) }
        return
      }
      if dense.isEmpty { self.places[key] = groups.count } else { dense[key] = Int32(groups.count) }
      groups.append(
        Group(
          before: before,
          after: after,
          relation: relation,
          count: 1,
          example: (earlier, later),
          reversed: 0
        )
      )
      partners.append(other.1 < other.0 ? [other] : [])
    }

    func finished(reversedIn order: PrecedenceOrder) -> [Group] {
      var groups = groups
      countReversed(&groups, order)
      let items = groups.map { group in
        (
          before: graph.steps[group.before].item,
          after: graph.steps[group.after].item
        )
      }
      let pairs = Set(items.map { [$0.before, $0.after] })
      var ends: [ItemID: Set<ItemID>] = [:]
      for pair in items { ends[pair.before, default: []].insert(pair.after) }
      for index in groups.indices {
        let (before, after) = items[index]
        groups[index].isConsequence = (ends[before] ?? []).contains { between in
          before < between && between < after && pairs.contains([between, after])
        }
      }
      return groups.sorted {
        if $0.isConsequence != $1.isConsequence { return $1.isConsequence }
        return ($0.example.before, $0.example.after) < ($1.example.before, $1.example.after)
      }
    }

    /// Most earlier steps have a smaller number in the other plan too, so few have to be looked up.
    private func countReversed(_ groups: inout [Group], _ order: PrecedenceOrder) {
      var wanted: [NodeID: [(group: Int, earlier: NodeID)]] = [:]
      for (group, pairs) in partners.enumerated() {
        for (earlier, later) in pairs { wanted[later, default: []].append((group, earlier)) }
      }
      let sources = wanted.keys.sorted()
      var masks: Table<NodeID, NodeMask> = []
      var start = 0
      while start < sources.count {
        let chunk = sources[start..<min(start + NodeMask.width, sources.count)]
        order.mark(chunk, into: &masks)
        for (bit, source) in chunk.enumerated() {
          for (group, earlier) in wanted[source] ?? []
          where masks[earlier].contains(bit) {
            groups[group].reversed += 1
          }
        }
        start += chunk.count
      }
    }
  }
}
