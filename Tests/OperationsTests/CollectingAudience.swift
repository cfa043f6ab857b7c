import Execution
import Journal
import Machine
import Operations
import PlanGraph

/// Keeps what a run announces.
final class CollectingAudience: RunAudience, AnnouncementListener {
  private(set) var announcements: [Announcement] = []
  private(set) var notices: [Notice] = []
  private(set) var graphs: [Graph] = []

  func begin(_ graph: Graph) -> any AnnouncementListener {
    graphs.append(graph)
    return self
  }

  func tell(_ notice: Notice) { notices.append(notice) }

  func hear(_ due: DueAnnouncement) { announcements.append(due.announcement) }

  /// The names of the steps that succeeded, in the order in which that was announced.
  var succeeded: [String] {
    announcements.compactMap { announcement -> String? in
      guard case .stepSucceeded(let node, _) = announcement, let graph = graphs.last else {
        return nil
      }
      return graph.name(node)
    }
  }
}

/// The texts of paragraphs among notices.
func texts(_ notices: [Notice]) -> [String] {
  notices.flatMap { notice in
    switch notice {
    case .paragraphs(let paragraphs): paragraphs.map(\.text)
    case .ofCommand(let message, _): [message]
    case .findings, .problems: [String]()
    }
  }
}
