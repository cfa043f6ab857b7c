import Journal
import PlanGraph

// Blocks that begin again.
extension RunAudit {
  /// A block begins another attempt: checks what has been read of it, and forgets it.
  mutating func beginAgain(_ block: BlockID, _ entry: JournalContents.Entry) {
    countRound(of: block, entry)
    let range = graph[block].begin..<graph[block].end
    judge(range.lowerBound.advanced(by: 1)..<range.upperBound)
    judgeHandlers(range)
    for node in range {
      if graph[node].kind == .blockBegin {
        let inner = graph[node].block
        timedOutBlocks.remove(inner)
        // A block inside it is entered again.
        if inner != block { entries[inner] = nil }
      }
      if let first = pasts[node].first,
        entries[block].map({ first.offset < $0.offset }) ?? true
      {
        entries[block] = first
      }
      pasts[node] = Past()
      // The plan itself asks for each of its rounds.
      isSpent[node] = false
      mayHaveBegunUnseen[node] = false
    }
  }

  private mutating func countRound(of block: BlockID, _ entry: JournalContents.Entry) {
    rounds = rounds.filter { other, _ in
      let begin = graph[other].begin
      return begin <= graph[block].begin || begin > graph[block].end
    }
    let count = (rounds[block] ?? 0) + 1
    rounds[block] = count
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
