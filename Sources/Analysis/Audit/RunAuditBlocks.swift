import Journal
import PlanGraph

// Blocks that begin again.
extension RunAudit {
  /// A block begins another attempt: what has been read of it is judged and forgotten.
  mutating func beginAgain(_ block: BlockID, _ entry: JournalContents.Entry) {
    countRound(of: block, entry)
    let range = Int(graph[block].begin.index)..<Int(graph[block].end.index)
    judge(range.lowerBound + 1..<range.upperBound)
    judgeHandlers(range)
    for index in range {
      let node = graph.nodes[index]
      if node.kind == .blockBegin {
        timedOutBlocks.remove(BlockID(node.payload))
        // One inside of it is entered anew.
        if node.payload != block.index { entries[node.payload] = nil }
      }
      if let first = pasts[index].first,
        entries[block.index].map({ first.offset < $0.offset }) ?? true
      {
        entries[block.index] = first
      }
      pasts[index] = Past()
      // Every round of it is the plan's own wish.
      isSpent[index] = false
      mayHaveBegunUnseen[index] = false
    }
  }

  private mutating func countRound(of block: BlockID, _ entry: JournalContents.Entry) {
    rounds = rounds.filter { other, _ in
      let begin = graph[BlockID(other)].begin.index
      return begin <= graph[block].begin.index || begin > graph[block].end.index
    }
    let count = (rounds[block.index] ?? 0) + 1
    rounds[block.index] = count
    let most = graph.template(block).retry?.count ?? 0
    if count <= most { return }
    let record = Record(
      offset: entry.offset,
      moment: entry.moment,
      node: graph[block].begin,
      attempt: count + 1
    )
    report(Finding(rule: .pastBlockAttempts, record: record, limit: most + 1))
  }
}
