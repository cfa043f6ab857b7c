package import PlanGraph

extension LiveMachine {
  /// Searches for processes of an earlier coordinator whose start was not recorded.
  ///
  /// - Parameters:
  ///   - nodes: the steps that may have been started.
  ///   - ended: the steps with an ended attempt, which may have left a daemon behind.
  ///   - start: the earliest start that they can come from.
  ///   - known: processes that have been accounted for.
  /// - Returns: the processes of the steps, if there are any.
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
