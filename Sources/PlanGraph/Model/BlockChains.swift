/// A sequence of blocks in which each block leads to the next.
package struct BlockChain: Sequence, IteratorProtocol {
  @usableFromInline
  enum Link { case parent, next }

  @usableFromInline let blocks: Table<BlockID, BlockInstance>
  @usableFromInline let link: Link
  @usableFromInline var block: BlockID

  @inlinable
  init(_ blocks: Table<BlockID, BlockInstance>, from block: BlockID, by link: Link) {
    self.blocks = blocks
    self.link = link
    self.block = block
  }

  /// The next block, until there is none.
  @inlinable
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
  @inlinable
  package func blocks(around node: NodeID) -> BlockChain { blocks(from: self[node].block) }

  /// A block and those around it, the innermost first; nothing for `BlockID.none`.
  @inlinable
  package func blocks(from block: BlockID) -> BlockChain {
    BlockChain(blocks, from: block, by: .parent)
  }

  /// A handler and those of its kind that are entered after it, in order; nothing for `BlockID.none`.
  @inlinable
  package func handlers(from first: BlockID) -> BlockChain {
    BlockChain(blocks, from: first, by: .next)
  }
}
