package import Analysis

/// Compares two plans.
package enum PlanComparison {
  /// What differs between two plans on the same machines.
  ///
  /// - Parameters:
  ///   - old: the old plan.
  ///   - new: the new plan.
  ///   - parallel: how many steps may run at once.
  ///   - tell: gets what a run would leave out.
  /// - Returns: the difference.
  /// - Throws: the mistakes in either or both.
  package static func difference(
    _ old: PlanRequest,
    _ new: PlanRequest,
    parallel: Int,
    tell: Tell
  ) throws(CommandFailure) -> PlanDifference {
    // Both are compiled for the same machines, or both without machines.
    let isAlone =
      old.declaresJobs && new.declaresJobs && (old.lacksMachine || new.lacksMachine)
    var notices: [Notice] = []
    let graphs = [old, new].compactMap { request in
      do throws(CommandFailure) {
        return try Preparation.graph(of: request, isAlone: isAlone) { notices.append($0) }
      } catch {
        notices += error.notices
        return nil
      }
    }
    if graphs.count < 2 { throw CommandFailure(.wrong, notices) }
    notices.forEach(tell)
    return PlanDifference(graphs[0], graphs[1], parallel: parallel)
  }
}
