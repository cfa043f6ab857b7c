package import PlanGraph

/// A setting of a step, or of a block around it, that differs between two plans; for all steps with
/// the same difference.
package struct SettingsDifference: Sendable {
  /// The name of the setting: `timeout`, `attempts`, `timeout of phase copy`.
  package var what: String
  /// Its value in the old plan, as a plan would write it; nil if there is none.
  package var old: String?
  package var new: String?
  /// Whether the old plan's value guaranteed something that the new plan's does not.
  package var isLoss: Bool
  /// The steps, with the new plan's numbers; ascending.
  package var steps: [NodeID]

  /// All differences between the steps that both plans have, ordered by the first step of each
  /// difference.
  static func all(
    _ old: Graph,
    _ new: Graph,
    _ shared: [(old: NodeID, new: NodeID)]
  ) -> [SettingsDifference] {
    let (oldPaths, newPaths) = (BlockPaths(old), BlockPaths(new))
    var known: [[UInt32]: Int] = [:]
    var found: [(differences: [SettingsDifference], steps: [NodeID])] = []
    for pair in shared {
      let key = [
        old[pair.old].template.index, new[pair.new].template.index, oldPaths.number(pair.old),
        newPaths.number(pair.new),
      ]
      if let index = known[key] {
        found[index].steps.append(pair.new)
        continue
      }
      known[key] = found.count
      let differences = compare(
        StepSettings(old, pair.old).values,
        StepSettings(new, pair.new).values
      )
      found.append((differences, [pair.new]))
    }
    // Steps of several kinds may differ in the same way.
    var merged: [SettingsDifference] = []
    var places: [[String?]: Int] = [:]
    for (differences, steps) in found {
      for var difference in differences {
        let key = [difference.what, difference.old, difference.new]
        if let index = places[key] {
          merged[index].steps += steps
          continue
        }
        places[key] = merged.count
        difference.steps = steps
        merged.append(difference)
      }
    }
    for index in merged.indices { merged[index].steps.sort() }
    return merged
  }

  private static func compare(
    _ old: [(key: String, setting: StepSettings.Setting)],
    _ new: [(key: String, setting: StepSettings.Setting)]
  ) -> [SettingsDifference] {
    let before = Dictionary(old.map { ($0.key, $0.setting) }) { first, _ in first }
    let after = Dictionary(new.map { ($0.key, $0.setting) }) { first, _ in first }
    let keys = old.map(\.key) + new.map(\.key).filter { before[$0] == nil }
    return keys.compactMap { key in
      let (was, isNow) = (before[key], after[key])
      if was?.text == isNow?.text { return nil }
      return SettingsDifference(
        what: key,
        old: was?.text,
        new: isNow?.text,
        isLoss: StepSettings.isLoss(was, isNow),
        steps: []
      )
    }
  }
}

/// A number for each node that represents the templates of the blocks around it.
private struct BlockPaths {
  private let graph: Graph
  private var numbers: Table<BlockID, UInt32> = []

  init(_ graph: Graph) {
    self.graph = graph
    var known: [[UInt32]: UInt32] = [:]
    for block in graph.blocks {
      let around = block.parent == .none ? UInt32.max : numbers[block.parent]
      let key = [around, block.template.index]
      let number = known[key] ?? UInt32(known.count)
      known[key] = number
      numbers.append(number)
    }
  }

  func number(_ node: NodeID) -> UInt32 {
    let block = graph[node].block
    return block == .none ? .max : numbers[block]
  }
}
