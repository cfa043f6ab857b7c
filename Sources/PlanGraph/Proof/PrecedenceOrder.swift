/// What must have passed before each node begins: the edges of a graph, and the order of handlers.
///
/// No edge leads into a handler; the run enters it. By then everything before its block has passed,
/// and everything after the block waits for the handler. Everything in the block is *over* when a
/// handler is entered, but it may not have passed, so it does not precede anything in the handler.
/// Every node waits only for nodes with smaller numbers.
package struct PrecedenceOrder: Sendable {
  package let graph: Graph
  /// By the end of a block that has handlers: the ends of those.
  private let handlerEnds: [NodeID: [NodeID]]
  /// By the begin of a handler: the begin of the block that it belongs to.
  private let owners: [NodeID: NodeID]

  /// Prepares a graph.
  package init(_ graph: Graph) {
    self.graph = graph
    var ends: [NodeID: [NodeID]] = [:]
    var owners: [NodeID: NodeID] = [:]
    for block in graph.blocks {
      for first in [block.onFailure, block.finally] {
        for handler in graph.handlers(from: first) {
          ends[block.end, default: []].append(graph[handler].end)
          owners[graph[handler].begin] = block.begin
        }
      }
    }
    handlerEnds = ends
    self.owners = owners
  }

  /// Calls `body` with everything that a node waits for.
  @inline(__always)
  func forEachPredecessor(_ node: NodeID, _ body: (NodeID) -> Void) {
    // Without a slice, which would be retained and released for each node.
    let index = Int(node.index)
    for edge in graph.predecessorStart[index]..<graph.predecessorStart[index + 1] {
      body(graph.predecessorList[Int(edge)])
    }
    if owners.isEmpty { return }
    switch graph[node].kind {
    case .blockBegin: if let owner = owners[node] { body(owner) }
    case .blockEnd: for end in handlerEnds[node] ?? [] { body(end) }
    case .step, .barrier, .join: break
    }
  }

  /// A path from one node to a later one, both included; nil if there is none.
  package func path(from first: NodeID, to last: NodeID) -> [NodeID]? {
    guard first < last else { return nil }
    // For each node, counted from the first: the node before it on a path from there.
    var via = [NodeID?](repeating: nil, count: first.distance(to: last) + 1)
    via[0] = first
    for node in first.advanced(by: 1)...last {
      forEachPredecessor(node) { before in
        if before >= first, via[first.distance(to: before)] != nil {
          via[first.distance(to: node)] = before
        }
      }
    }
    var path = [last]
    while let node = path.last, node != first {
      guard let before = via[first.distance(to: node)] else { return nil }
      path.append(before)
    }
    return path.reversed()
  }

  /// Which of up to 256 nodes come before each node of the graph, with a bit for each.
  ///
  /// - Parameters:
  ///   - sources: the nodes; the n-th is bit n.
  ///   - masks: gets a mask for each node. The mask of a source does not have its own bit.
  package func mark(_ sources: ArraySlice<NodeID>, into masks: inout Table<NodeID, NodeMask>) {
    precondition(sources.count <= NodeMask.width, "one bit for each")
    masks = Table(repeating: NodeMask(), count: graph.count)
    // A node passes on its mask, and its own bit if it is a source.
    var bits = Table<NodeID, Int16>(repeating: -1, count: graph.count)
    for (bit, source) in sources.enumerated() { bits[source] = Int16(bit) }
    guard let first = sources.min() else { return }
    for node in first..<masks.endIndex {
      var mask = NodeMask()
      forEachPredecessor(node) { before in
        mask.formUnion(masks[before])
        if bits[before] >= 0 { mask.insert(Int(bits[before])) }
      }
      masks[node] = mask
    }
  }
}

/// A set of up to 256 numbers.
package struct NodeMask: Hashable, Sendable {
  /// The largest number of elements.
  package static let width = 256
  private var words = SIMD4<UInt64>()

  /// An empty set.
  package init() {}

  /// A set of the first numbers.
  package init(first count: Int) {
    for bit in 0..<count { insert(bit) }
  }

  /// Adds all numbers of another set.
  @inline(__always)
  package mutating func formUnion(_ other: NodeMask) { words |= other.words }

  /// Adds a number.
  package mutating func insert(_ bit: Int) { words[bit / 64] |= 1 << UInt64(bit % 64) }

  /// Whether it contains a number.
  package func contains(_ bit: Int) -> Bool { words[bit / 64] & (1 << UInt64(bit % 64)) != 0 }

  /// The set without the numbers of another.
  @inline(__always)
  package func subtracting(_ other: NodeMask) -> NodeMask {
    var result = self
    result.words &= ~other.words
    return result
  }

  /// Whether it is empty.
  @inline(__always)
  package var isEmpty: Bool { words == SIMD4() }

  /// The number of elements.
  package var count: Int {
    (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount }
  }

  /// Calls `body` with each number, ascending.
  @inline(__always)
  package func forEach(_ body: (Int) -> Void) {
    for word in 0..<4 {
      var rest = words[word]
      while rest != 0 {
        body(word * 64 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }
}
