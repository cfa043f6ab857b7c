import PlanGraph
import PlanLanguage
import Words

/// Puts boxes below headings: a phase has one heading for all deployment jobs that go through it
/// side by side, and another heading for a deployment job that comes to it later.
enum DiagramSections {
  private struct Key: Hashable {
    var item: ItemID
    var job: SubjectID
  }

  /// With more sections than this, none are merged.
  private static let most = 2_000

  /// The sections from left to right, and the section number of each box.
  static func arrange(
    _ graph: Graph,
    _ boxes: [Diagram.Box],
    _ links: [Diagram.Link]
  ) -> (sections: [Diagram.Section], numbers: [Int]) {
    // First, a section for each item on each deployment job.
    var raw = [Int](repeating: 0, count: boxes.count)
    var keys: [Key] = []
    for (index, box) in boxes.enumerated() {
      let item = graph.items[box.item].rollout ?? box.item
      let job = graph.subjects.ancestor(of: box.subject, at: .deploymentJob) ?? box.subject
      let key = Key(item: item, job: job)
      if key != keys.last { keys.append(key) }
      raw[index] = keys.count - 1
    }
    var after = [Set<Int>](repeating: [], count: keys.count)
    for link in links where raw[link.from] != raw[link.to] {
      after[raw[link.from]].insert(raw[link.to])
    }
    // Then the sections of one item are merged where that makes no cycle.
    var group = Array(keys.indices)
    var members = keys.indices.map { [$0] }
    func reaches(_ from: Int, _ to: Int) -> Bool {
      var seen: Set<Int> = [from]
      var stack = [from]
      while let current = stack.popLast() {
        for section in members[current] {
          for next in after[section] {
            let next = group[next]
            if next == to { return true }
            if seen.insert(next).inserted { stack.append(next) }
          }
        }
      }
      return false
    }
    if keys.count <= most {
      var open: [ItemID: [Int]] = [:]
      for section in keys.indices {
        let found = open[keys[section].item, default: []].first {
          !reaches($0, section) && !reaches(section, $0)
        }
        guard let found else {
          open[keys[section].item, default: []].append(section)
          continue
        }
        group[section] = found
        members[found].append(section)
        members[section] = []
      }
    }
    let order = ordered(group, members, after)
    var numbers = [Int](repeating: 0, count: keys.count)
    for (number, section) in order.enumerated() { numbers[section] = number }
    var isBusy = [Bool](repeating: false, count: keys.count)
    for (index, box) in boxes.enumerated() where box.kind == .step || box.kind == .group {
      isBusy[group[raw[index]]] = true
    }
    let sections = order.map { section(graph, keys[$0].item, isBusy: isBusy[$0]) }
    return (sections, raw.map { numbers[group[$0]] })
  }

  /// Each group after the groups that it follows, otherwise in the order of their first sections.
  private static func ordered(
    _ group: [Int],
    _ members: [[Int]],
    _ after: [Set<Int>]
  ) -> [Int] {
    let all = members.indices.filter { !members[$0].isEmpty }
    var waiting: [Int: Int] = [:]
    for from in all {
      for to in Set(members[from].flatMap { after[$0] }.map { group[$0] }) where to != from {
        waiting[to, default: 0] += 1
      }
    }
    var ready = Set(all.filter { waiting[$0, default: 0] == 0 })
    var order: [Int] = []
    while let next = ready.min() {
      ready.remove(next)
      order.append(next)
      for to in Set(members[next].flatMap { after[$0] }.map { group[$0] }) where to != next {
        waiting[to, default: 0] -= 1
        if waiting[to] == 0 { ready.insert(to) }
      }
    }
    return order
  }

  private static func section(
    _ graph: Graph,
    _ id: ItemID,
    isBusy: Bool
  ) -> Diagram.Section {
    let item = graph.items[id]
    var about: [String] = []
    let templates = graph.blockTemplates.filter {
      $0.item == id && ($0.kind == .phase || $0.kind == .rollout)
    }
    // Each deployment job may have a number of its own.
    let slots = templates.compactMap(\.slots)
    if let least = slots.min(), let most = slots.max() {
      about.append("\(least == most ? "\(least)" : "\(least) to \(most)") at a time")
    }
    for template in templates {
      if let timeout = template.timeout { about.append("≤ \(timeout.forPeople)") }
      if let retry = template.retry { about.append("↻ \(retry.count)") }
      if template.isOptional { about.append("optional") }
      if template.condition != nil { about.append("if …") }
      break
    }
    let title =
      switch item.kind {
      case .planHandlers: "handlers of the plan"
      case .rollout: "rollout"
      case .phase: item.name
      case .barrier: "barrier"
      }
    return Diagram.Section(
      title: title,
      note: about.joined(separator: " · "),
      kind: item.kind,
      isHeaded: isBusy && item.kind != .barrier
    )
  }
}

/// Finds the blocks that get a frame: groups with rules, and handlers.
enum DiagramFrames {
  /// How far a frame with so many frames inside reaches above its first box, including its title.
  static func head(_ height: Int) -> Double { 13 * Double(height + 1) + 2 }

  /// How far it reaches beyond its boxes on the other sides.
  static func margin(_ height: Int) -> Double { 7 + 6 * Double(height) }

  /// How far another box must be below a box, in slots, to leave room for the frames between them.
  ///
  /// - Parameters:
  ///   - upper: the frames around the upper box.
  ///   - lower: the frames around the lower box.
  ///   - frames: all frames of the diagram.
  /// - Returns: the distance between their middles; 1 if no frame is between them.
  static func distance(_ upper: [Int], _ lower: [Int], _ frames: [Diagram.Frame]) -> Double {
    var (ended, begun) = (0.0, 0.0)
    for frame in upper where !lower.contains(frame) {
      ended = max(ended, margin(frames[frame].height))
    }
    for frame in lower where !upper.contains(frame) {
      begun = max(begun, head(frames[frame].height))
    }
    return max(1, (DiagramLayout.boxHeight + ended + begun + 4) / DiagramLayout.slot)
  }

  static func frames(_ graph: Graph, _ boxes: [Diagram.Box]) -> [Diagram.Frame] {
    var members: [BlockID: [Int]] = [:]
    var height: [BlockID: Int] = [:]
    for (index, box) in boxes.enumerated() where box.kind == .step {
      var above = 0
      for block in graph.blocks(from: box.block) {
        switch graph.template(block).kind {
        case .parallel, .sequence, .onFailure, .finally:
          members[block, default: []].append(index)
          height[block] = max(height[block] ?? 0, above)
          above += 1
        case .plan, .phase, .rollout, .rolloutEntry: break
        }
      }
    }
    return members.sorted { $0.key < $1.key }.map { block, boxes in
      let template = graph.template(block)
      var title = template.kind == .onFailure ? "on failure" : template.name
      if let timeout = template.timeout { title += " · ≤ \(timeout.forPeople)" }
      if let retry = template.retry { title += " · ↻ \(retry.count)" }
      if let slots = template.slots { title += " · \(slots) at a time" }
      if template.isOptional { title += " · optional" }
      if template.condition != nil { title += " · if …" }
      return Diagram.Frame(
        title: title,
        boxes: boxes,
        isHandler: template.kind.isHandler,
        height: height[block] ?? 0
      )
    }
  }
}
