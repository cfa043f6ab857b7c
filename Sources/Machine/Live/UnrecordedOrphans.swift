package import PlanGraph

extension LiveMachine {
  /// Looks for processes of an earlier coordinator whose start nobody came to record.
  ///
  /// - Parameters:
  ///   - nodes: the steps that may have been started.
  ///   - ended: those of them of which an attempt has ended, which may have left a daemon behind.
  ///   - start: what they may have come of at the earliest.
  ///   - known: processes that have been accounted for.
  /// - Returns: the processes of the steps, where there are any.
  package func unrecordedOrphans(
    of nodes: [NodeID],
    ended: Set<NodeID>,
    since start: RecordedStart,
    known: Set<Int32>
  ) -> [NodeID: Int32] {
    var scan = OrphanScan()
    for node in nodes {
      let step = graph.steps[graph[node].template]
      guard
        let search = launcher(of: node)?
          .search(step.action, of: nameOfReleaseJob(node), graph[node].template)
      else { continue }
      scan.add(node, search, byLogs: !ended.contains(node))
    }
    return scan.find(start, known: known)
  }
}
