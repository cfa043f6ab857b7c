import Execution
import Journal
import Machine
import PlanGraph
import System

/// Whether a plan has succeeded since the machine's boot.
enum SuccessInBoot {
  /// The last run of this boot that is the same and succeeded.
  ///
  /// It is the same with the current plan, the same machines, params, facts and selection of steps.
  /// A run that was begun before the boot does not count, even if most of it was done since: the
  /// boot may have undone the rest. A run whose record cannot be read does not count either.
  ///
  /// - Parameters:
  ///   - header: of the run that would begin now.
  ///   - graph: of its plan.
  ///   - place: where runs are recorded.
  /// - Returns: its name; nil if there is none.
  static func find(of header: RunHeader, _ graph: Graph, _ place: RunStore.Place) -> RunID? {
    guard bootIdentifier() != nil, let folder = try? RunStore(place, makes: false),
      let runs = try? folder.runIDs()
    else { return nil }
    for id in runs {
      guard let bytes = try? folder.open(id).readJournal().withUnsafeBytes({ Array($0) }),
        let contents = try? JournalContents(bytes)
      else { continue }
      // Newest first, so all that follow are older than the boot, too.
      guard let first = contents.sessions.first, isThisBoot(first.boot) else { return nil }
      if isSame(contents.header, header), hasSucceeded(contents, graph) { return id }
    }
    return nil
  }

  /// Whether two runs are the same: plan, machines, params, facts and selection of steps.
  static func isSame(_ past: RunHeader, _ new: RunHeader) -> Bool {
    past.plan == new.plan && past.graph == new.graph && past.machines == new.machines
      && past.parameters == new.parameters && past.secrets == new.secrets
      && past.facts == new.facts && past.policy.passedOver == new.policy.passedOver
  }

  private static func hasSucceeded(_ contents: JournalContents, _ graph: Graph) -> Bool {
    var run = Run(graph, policy: contents.header.policy)
    let isRead: Void? = try? contents.forEachEvent(graph) { entry, _ in
      _ = run.handle(entry.event, at: entry.moment)
    }
    return isRead != nil && run.outcome == .succeeded
  }
}
