/// An armed timer; disarming one that has fired or was disarmed does nothing.
package struct TimerToken: Hashable, Sendable {
  fileprivate var sequence: UInt64
}

/// The armed timers, soonest first.
///
/// A binary heap. Disarmed entries stay in it until they come to the top or are more than half of
/// it. Nearly every timeout is disarmed long before its time, and so that costs one removal from a
/// dictionary. Timers of the same moment fire in the order in which they were armed.
package struct TimerQueue {
  private struct Entry {
    var moment: Instant
    var sequence: UInt64
  }

  private var heap: [Entry] = []
  private var armed: [UInt64: () -> Void] = [:]
  private var nextSequence: UInt64 = 0

  /// Makes a queue without timers.
  package init() {}

  /// Makes a queue without timers that knows no token of an earlier queue.
  package init(after earlier: TimerQueue) { nextSequence = earlier.nextSequence }

  /// Arms a timer that calls `fire` at `moment`.
  package mutating func arm(at moment: Instant, _ fire: @escaping () -> Void) -> TimerToken {
    let entry = Entry(moment: moment, sequence: nextSequence)
    nextSequence += 1
    armed[entry.sequence] = fire
    heap.append(entry)
    rise(from: heap.count - 1)
    return TimerToken(sequence: entry.sequence)
  }

  /// Disarms a timer.
  package mutating func disarm(_ token: TimerToken) {
    guard armed.removeValue(forKey: token.sequence) != nil else { return }
    if heap.count > 64, heap.count > 2 * armed.count { compact() }
  }

  /// The moment of the soonest timer; nil if none is armed.
  package mutating func soonest() -> Instant? {
    while let first = heap.first {
      if armed[first.sequence] != nil { return first.moment }
      removeFirst()
    }
    return nil
  }

  /// Removes the soonest timer and returns it, if its moment is not after `now`.
  package mutating func next(at now: Instant) -> (() -> Void)? {
    while let first = heap.first, first.moment <= now {
      removeFirst()
      if let fire = armed.removeValue(forKey: first.sequence) { return fire }
    }
    return nil
  }

  private static func isSooner(_ left: Entry, _ right: Entry) -> Bool {
    (left.moment, left.sequence) < (right.moment, right.sequence)
  }

  private mutating func compact() {
    heap.removeAll { armed[$0.sequence] == nil }
    // A sorted array is a heap.
    heap.sort(by: Self.isSooner)
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    sink(from: 0)
  }

  private mutating func rise(from start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) / 2
      if !Self.isSooner(heap[index], heap[parent]) { return }
      heap.swapAt(index, parent)
      index = parent
    }
  }

  private mutating func sink(from start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && Self.isSooner(heap[child], heap[least]) {
        least = child
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
