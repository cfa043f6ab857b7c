import Execution
package import PlanGraph

/// What differs between two compiled plans: steps, their order, their settings, the worst case.
///
/// Two steps are the same if their full names are equal.
package struct PlanDifference: Sendable {
  package let old: Graph
  package let new: Graph
  /// The steps that only one of the plans has, ascending.
  package let removed: [NodeID]
  package let added: [NodeID]
  package let order: OrderDifference
  package let settings: [SettingsDifference]
  package let oldWorst: WorstCase
  package let newWorst: WorstCase

  /// Compares two plans.
  ///
  /// Takes time linear in the graphs for each 256 steps, and linear in the orderings that differ.
  ///
  /// - Parameters:
  ///   - old: the old plan.
  ///   - new: the new plan.
  ///   - parallel: the largest number of steps under way at once, in both.
  package init(_ old: Graph, _ new: Graph, parallel: Int = RunPolicy.defaultParallel) {
    self.old = old
    self.new = new
    var byName: [String: NodeID] = [:]
    for node in new.nodes.indices where new[node].kind == .step {
      byName[new.name(node)] = node
    }
    var removed: [NodeID] = []
    var shared: [(old: NodeID, new: NodeID)] = []
    for node in old.nodes.indices where old[node].kind == .step {
      if let same = byName.removeValue(forKey: old.name(node)) {
        shared.append((node, same))
      } else {
        removed.append(node)
      }
    }
    self.removed = removed
    added = byName.values.sorted()
    order = OrderDifference(old, new, shared)
    settings = SettingsDifference.all(old, new, shared)
    oldWorst = WorstCase(old, parallel: parallel)
    newWorst = WorstCase(new, parallel: parallel)
  }

  /// Whether the old plan bounds the time of a run and the new one does not.
  package var losesBound: Bool {
    oldWorst.total.duration != nil && newWorst.total.duration == nil
  }

  /// Whether the new plan has lost a guarantee of the old one.
  package var losesGuarantee: Bool {
    !removed.isEmpty || losesBound || !order.lost.isEmpty || settings.contains { $0.isLoss }
  }

  /// Whether the plans do the same.
  package var isEmpty: Bool {
    removed.isEmpty && added.isEmpty && settings.isEmpty && order.lost.isEmpty
      && order.gained.isEmpty && oldWorst.total == newWorst.total
  }
}
