import PlanGraph

/// Puts boxes that stand for whole phases into the order of the plan.
///
/// Deployment jobs go through a phase one after the other, so there may be paths in both directions
/// between two phases. The picture shows the order of the plan.
enum DiagramPhases {
  /// With more boxes than this, redundant links are not removed.
  private static let mostReduced = 4_096

  /// Puts boxes and links in order.
  ///
  /// - Parameters:
  ///   - graph: the graph of the boxes.
  ///   - boxes: groups, barriers and joins; a join comes after what it waits for.
  ///   - links: in any direction.
  /// - Returns: the same without joins and redundant links, and whether a link against the order of
  ///   the plan was left out.
  static func ordered(
    _ graph: Graph,
    _ boxes: [Diagram.Box],
    _ links: [Diagram.Link]
  ) -> (boxes: [Diagram.Box], links: [Diagram.Link], hidesOrder: Bool) {
    let (kept, contracted) = withoutJoins(boxes, links)
    func place(_ box: Int) -> (Int, Int, Int) {
      let item = boxes[box].item
      let isLast = graph.items[item].kind == .planHandlers
      return (isLast ? .max : Int(item.index), boxes[box].isHandler ? 1 : 0, box)
    }
    let order = kept.sorted { place($0) < place($1) }
    var number = [Int](repeating: -1, count: boxes.count)
    for (index, box) in order.enumerated() { number[box] = index }
    var incoming = [[Int: Bool]](repeating: [:], count: order.count)
    var hidesOrder = false
    for (link, isHandler) in contracted {
      let (from, to) = (number[link.from], number[link.to])
      if from < to {
        incoming[to][from] = (incoming[to][from] ?? true) && isHandler
      } else {
        hidesOrder = hidesOrder || from > to
      }
    }
    return (order.map { boxes[$0] }, reduced(incoming), hidesOrder)
  }

  private struct Way: Hashable {
    var from: Int
    var to: Int
  }

  /// Links the boxes around joins directly; with one box for each phase, those are few.
  private static func withoutJoins(
    _ boxes: [Diagram.Box],
    _ links: [Diagram.Link]
  ) -> (kept: [Int], ways: [Way: Bool]) {
    var into = [[Int: Bool]](repeating: [:], count: boxes.count)
    for link in links {
      into[link.to][link.from] = (into[link.to][link.from] ?? true) && link.isHandler
    }
    /// By join: the boxes before it; a join stands for the boxes before that join.
    var before = [[Int: Bool]](repeating: [:], count: boxes.count)
    var ways: [Way: Bool] = [:]
    for index in boxes.indices {
      var all: [Int: Bool] = [:]
      for (from, isHandler) in into[index] {
        if boxes[from].kind != .join {
          all[from] = (all[from] ?? true) && isHandler
        } else if from < index {
          for (further, wasHandler) in before[from] {
            all[further] = (all[further] ?? true) && (isHandler || wasHandler)
          }
        }
      }
      if boxes[index].kind == .join {
        before[index] = all
      } else {
        for (from, isHandler) in all { ways[Way(from: from, to: index)] = isHandler }
      }
    }
    // A join may come after boxes that wait for it, because those were made for earlier nodes.
    for link in links where boxes[link.from].kind == .join && link.from > link.to {
      for (from, wasHandler) in before[link.from] where boxes[link.to].kind != .join {
        let way = Way(from: from, to: link.to)
        ways[way] = (ways[way] ?? true) && (wasHandler || link.isHandler)
      }
    }
    return (boxes.indices.filter { boxes[$0].kind != .join }, ways)
  }

  /// The links without the redundant ones.
  private static func reduced(_ incoming: [[Int: Bool]]) -> [Diagram.Link] {
    let words = (incoming.count + 63) / 64
    let isReduced = incoming.count <= mostReduced
    var before = [[UInt64]](repeating: [], count: incoming.count)
    var links: [Diagram.Link] = []
    for to in incoming.indices {
      var seen = [UInt64](repeating: 0, count: isReduced ? words : 0)
      // The nearest first: what comes before them needs no link of its own.
      for (from, isHandler) in incoming[to].sorted(by: { $0.key > $1.key }) {
        if isReduced {
          if seen[from / 64] >> UInt64(from % 64) & 1 == 1 { continue }
          for word in 0..<words { seen[word] |= before[from][word] }
          seen[from / 64] |= 1 << UInt64(from % 64)
        }
        links.append(Diagram.Link(from: from, to: to, isHandler: isHandler))
      }
      before[to] = seen
    }
    return links
  }
}
