/// A sequence of blocks in which each block leads to the next.
package struct BlockChain: Sequence, IteratorProtocol {
  enum Link { case parent, next }

  let blocks: Table<BlockID, BlockInstance>
  let link: Link
  var block: BlockID

  init(_ blocks: Table<BlockID, BlockInstance>, from block: BlockID, by link: Link) {
    self.blocks = blocks
    self.link = link
    self.block = block
  }

  /// The next block, until there is none.
  package mutating func next() -> BlockID? {
    if block == .none { return nil }
    let current = block
    switch link {
    case .parent: block = blocks[current].parent
    case .next: block = blocks[current].next
    }
    return current
  }
}

extension Graph {
  /// The blocks around a node, the innermost first.
  ///
  /// A block is also around its own begin and end.
  package func blocks(around node: NodeID) -> BlockChain { blocks(from: self[node].block) }

  /// A block and those around it, the innermost first; nothing for `BlockID.none`.
  package func blocks(from block: BlockID) -> BlockChain {
    BlockChain(blocks, from: block, by: .parent)
  }

  /// A handler and those of its kind that are entered after it, in order; nothing for `BlockID.none`.
  package func handlers(from first: BlockID) -> BlockChain {
    BlockChain(blocks, from: first, by: .next)
  }
}
