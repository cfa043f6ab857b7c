import Clock
import Execution
import PlanGraph

/// What is going to happen, ordered by moment.
///
/// Entries for the same moment keep the order in which they were added.
struct Agenda {
  package enum Occurrence {
    /// The driver gets an event.
    case event(Event)
    case timer(TimerID)
    /// A group of records is on disk; with it, this many records in all.
    case synced(UInt32)
    /// An attempt ends in the simulated world.
    case ending(NodeID, AttemptResult)

    /// Whether it also happens without a driver.
    var isOfWorld: Bool {
      if case .ending = self { true } else { false }
    }
  }

  private var heap: [(moment: Instant, token: Int, occurrence: Occurrence)] = []
  private var nextToken = 0

  /// When the next entry happens.
  var nextMoment: Instant? { heap.first?.moment }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    heap[a].moment == heap[b].moment
      ? heap[a].token < heap[b].token : heap[a].moment < heap[b].moment
  }

  /// Adds an entry and returns its unique number.
  @discardableResult
  mutating func add(_ occurrence: Occurrence, at moment: Instant) -> Int {
    nextToken += 1
    heap.append((moment, nextToken, occurrence))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
    return nextToken
  }

  /// Removes and returns the next entry.
  mutating func next() -> (Instant, Int, Occurrence)? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var least = parent
        for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
          if precedes(child, least) { least = child }
        }
        if least == parent { break }
        heap.swapAt(parent, least)
        parent = least
      }
    }
    return (first.moment, first.token, first.occurrence)
  }

  /// Keeps only the entries that happen without a driver.
  mutating func forgetDriver() {
    // Sorted, they are a heap.
    heap = heap.filter(\.occurrence.isOfWorld)
      .sorted { ($0.moment, $0.token) < ($1.moment, $1.token) }
  }
}
