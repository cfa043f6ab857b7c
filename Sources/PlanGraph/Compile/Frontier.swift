/// What is last on each subject while the graph is being built, so that the second rule of meaning
/// (a phase starts on a subject when everything earlier has passed on every subject that overlaps
/// it) costs no more than the edges it makes.
///
/// Invariant: a subject's own tail is later than the tails of all that hold it, and everything
/// inside it that has a tail waits for it. So what overlaps a subject is, inside it, the tails of
/// the innermost subjects that have any; where there are none, its own tail; else the nearest one
/// outside.
struct Frontier {
  private static let none = UInt32.max

  private var tail: [UInt32]
  private var parent: [UInt32]
  /// Heads, ends and links of the lists of subjects inside that have something later than the tail.
  private var firstLater: [UInt32]
  private var lastLater: [UInt32]
  private var nextLater: [UInt32]
  private var isListed: [Bool]

  init(_ subjects: Subjects) {
    let count = subjects.count
    tail = Array(repeating: Self.none, count: count)
    firstLater = tail
    lastLater = tail
    nextLater = tail
    isListed = Array(repeating: false, count: count)
    parent = (0..<count).map { subjects.parent(SubjectID(UInt32($0))).index }
  }

  /// Makes `node` the last thing on `subject`, after everything inside it.
  mutating func set(_ subject: SubjectID, _ node: UInt32) {
    tail[Int(subject.index)] = node
    var current = subject.index
    // Up to the deployment, which is in no list, or to a subject already listed.
    while current != 0, !isListed[Int(current)] {
      isListed[Int(current)] = true
      let holder = Int(parent[Int(current)])
      if firstLater[holder] == Self.none {
        firstLater[holder] = current
      } else {
        nextLater[Int(lastLater[holder])] = current
      }
      lastLater[holder] = current
      current = UInt32(holder)
    }
  }

  /// Whether something inside the subject is later than its own tail.
  func hasLater(inside subject: SubjectID) -> Bool {
    firstLater[Int(subject.index)] != Self.none
  }

  /// What must have passed before something starts on `subject`, ascending; empty at the very
  /// beginning.
  ///
  /// Forgets the tails inside, so the caller must `set` the subject afterwards.
  mutating func take(_ subject: SubjectID) -> [UInt32] {
    if let inside = takeInside(subject) { return inside }
    var current = subject.index
    while current != 0 {
      current = parent[Int(current)]
      if tail[Int(current)] != Self.none { return [tail[Int(current)]] }
    }
    return []
  }

  private func own(_ subject: SubjectID) -> [UInt32]? {
    let own = tail[Int(subject.index)]
    return own == Self.none ? nil : [own]
  }

  /// As `takeInside`, and nothing is forgotten.
  func inside(_ subject: SubjectID) -> [UInt32]? {
    if !hasLater(inside: subject) { return own(subject) }
    var found: [UInt32] = []
    var stack = [subject.index]
    while let current = stack.popLast() {
      var inner = firstLater[Int(current)]
      if inner == Self.none { found.append(tail[Int(current)]) }
      while inner != Self.none {
        stack.append(inner)
        inner = nextLater[Int(inner)]
      }
    }
    found.sort()
    return found
  }

  /// As `take`, but nil where neither the subject nor anything inside it has a tail.
  mutating func takeInside(_ subject: SubjectID) -> [UInt32]? {
    if !hasLater(inside: subject) { return own(subject) }
    var found: [UInt32] = []
    var stack = [subject.index]
    while let current = stack.popLast() {
      let index = Int(current)
      var inside = firstLater[index]
      if inside == Self.none { found.append(tail[index]) }
      firstLater[index] = Self.none
      lastLater[index] = Self.none
      tail[index] = Self.none
      while inside != Self.none {
        stack.append(inside)
        let next = nextLater[Int(inside)]
        nextLater[Int(inside)] = Self.none
        isListed[Int(inside)] = false
        inside = next
      }
    }
    found.sort()
    return found
  }
}
