/// What has to have passed before each node begins: the edges of a graph, and what handlers add.
///
/// No edge leads into a handler, the run enters it. What came before its block has passed by then, and
/// what comes after the block waits for the handler. What stands in the block is *over* when a handler
/// of it is entered, but has not always passed; so it precedes nothing in the handler. Every node waits
/// for smaller numbers only.
package struct PrecedenceOrder: Sendable {
  package let graph: Graph
  /// By block: the ends of its handlers, where it has any.
  private let handlerEnds: [UInt32: [UInt32]]
  /// By node: for a handler's begin, the begin of the block that it belongs to.
  private let owners: [UInt32: UInt32]

  /// Prepares a graph.
  package init(_ graph: Graph) {
    self.graph = graph
    var ends: [UInt32: [UInt32]] = [:]
    var owners: [UInt32: UInt32] = [:]
    for block in graph.blocks {
      for first in [block.onFailure, block.finally] {
        var handler = first
        while handler != .none {
          ends[block.end.index, default: []].append(graph[handler].end.index)
          owners[graph[handler].begin.index] = block.begin.index
          handler = graph[handler].next
        }
      }
    }
    handlerEnds = ends
    self.owners = owners
  }

  /// Calls `body` with everything that a node waits for.
  @inline(__always)
  func forEachPredecessor(_ node: Int, _ body: (Int) -> Void) {
    let range = graph.predecessorStart[node]..<graph.predecessorStart[node + 1]
    for edge in range { body(Int(graph.predecessorList[Int(edge)])) }
    if owners.isEmpty { return }
    switch graph.nodes[node].kind {
    case .blockBegin: if let owner = owners[UInt32(node)] { body(Int(owner)) }
    case .blockEnd: for end in handlerEnds[UInt32(node)] ?? [] { body(Int(end)) }
    case .step, .barrier, .join: break
    }
  }

  /// A way from one node to a later one, both included; nil where there is none.
  package func path(from first: NodeID, to last: NodeID) -> [NodeID]? {
    guard first < last else { return nil }
    var via = [UInt32](repeating: .max, count: Int(last.index - first.index) + 1)
    via[0] = first.index
    for node in Int(first.index) + 1...Int(last.index) {
      forEachPredecessor(node) { before in
        if before >= Int(first.index), via[before - Int(first.index)] != .max {
          via[node - Int(first.index)] = UInt32(before)
        }
      }
    }
    guard via[via.count - 1] != .max else { return nil }
    var path = [last]
    while let node = path.last, node != first {
      path.append(NodeID(via[Int(node.index - first.index)]))
    }
    return path.reversed()
  }

  /// Which of up to 256 nodes come before each node of the graph, a bit for each.
  ///
  /// - Parameters:
  ///   - sources: the nodes; the n-th is bit n.
  ///   - masks: gets a mask for each node; a source's own is only that of what comes before it.
  package func mark(_ sources: ArraySlice<NodeID>, into masks: inout [NodeMask]) {
    precondition(sources.count <= NodeMask.width, "one bit for each")
    masks = Array(repeating: NodeMask(), count: graph.count)
    // What a node hands on: its mask, and its own bit where it is a source.
    var bits = [Int16](repeating: -1, count: graph.count)
    for (bit, source) in sources.enumerated() { bits[Int(source.index)] = Int16(bit) }
    guard let first = sources.min() else { return }
    for node in Int(first.index)..<graph.count {
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
