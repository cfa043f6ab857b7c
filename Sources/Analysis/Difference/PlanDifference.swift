import Execution
package import PlanGraph

/// What differs between two compiled plans: steps, their order, their settings, the worst case.
///
/// Steps are the same where their full names are.
package struct PlanDifference: Sendable {
  package let old: Graph
  package let new: Graph
  /// The steps that one of them has alone, ascending.
  package let removed: [NodeID]
  package let added: [NodeID]
  package let order: OrderDifference
  package let settings: [SettingsDifference]
  package let oldWorst: WorstCase
  package let newWorst: WorstCase

  /// Compares, in time linear in the graphs for each 256 steps, and in the orderings that differ.
  ///
  /// - Parameters:
  ///   - old: the one plan.
  ///   - new: the other.
  ///   - parallel: how many steps at most are under way at once, in both.
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

  /// Whether the new plan bounds the time of a run no more, where the old one did.
  package var losesBound: Bool {
    oldWorst.total.duration != nil && newWorst.total.duration == nil
  }

  /// Whether something that the old plan guaranteed does not hold any more.
  package var losesGuarantee: Bool {
    !removed.isEmpty || losesBound || !order.lost.isEmpty || settings.contains { $0.isLoss }
  }

  /// Whether the plans do the same.
  package var isEmpty: Bool {
    removed.isEmpty && added.isEmpty && settings.isEmpty && order.lost.isEmpty
      && order.gained.isEmpty && oldWorst.total == newWorst.total
  }
}
