/// What has to have passed before each node begins: the edges of a graph, and what handlers add.
///
/// No edge leads into a handler, the run enters it. What came before its block has passed by then, and
/// what comes after the block waits for the handler. What stands in the block is *over* when a handler
/// of it is entered, but has not always passed; so it precedes nothing in the handler. Every node waits
/// for smaller numbers only.
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
    for before in graph.predecessors(node) { body(before) }
    if owners.isEmpty { return }
    switch graph[node].kind {
    case .blockBegin: if let owner = owners[node] { body(owner) }
    case .blockEnd: for end in handlerEnds[node] ?? [] { body(end) }
    case .step, .barrier, .join: break
    }
  }

  /// A way from one node to a later one, both included; nil where there is none.
  package func path(from first: NodeID, to last: NodeID) -> [NodeID]? {
    guard first < last else { return nil }
    // By node, counted from the first: the one before it on a way from there.
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

  /// Which of up to 256 nodes come before each node of the graph, a bit for each.
  ///
  /// - Parameters:
  ///   - sources: the nodes; the n-th is bit n.
  ///   - masks: gets a mask for each node; a source's own is only that of what comes before it.
  package func mark(_ sources: ArraySlice<NodeID>, into masks: inout Table<NodeID, NodeMask>) {
    precondition(sources.count <= NodeMask.width, "one bit for each")
    masks = Table(repeating: NodeMask(), count: graph.count)
    // What a node hands on: its mask, and its own bit where it is a source.
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
  /// How many there can be.
  package static let width = 256
  private var words = SIMD4<UInt64>()

  /// An empty set.
  package init() {}

  /// The first so many numbers.
  package init(first count: Int) {
    for bit in 0..<count { insert(bit) }
  }

  /// Adds all of another.
  @inline(__always)
  package mutating func formUnion(_ other: NodeMask) { words |= other.words }

  /// Adds a number.
  package mutating func insert(_ bit: Int) { words[bit / 64] |= 1 << UInt64(bit % 64) }

  /// Whether it has a number.
  package func contains(_ bit: Int) -> Bool { words[bit / 64] & (1 << UInt64(bit % 64)) != 0 }

  /// Less another.
  @inline(__always)
  package func subtracting(_ other: NodeMask) -> NodeMask {
    var result = self
    result.words &= ~other.words
    return result
  }

  /// Whether there is nothing in it.
  @inline(__always)
  package var isEmpty: Bool { words == SIMD4() }

  /// How many there are.
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
