/// The last node on each subject while the graph is being built.
///
/// With it, the second rule of meaning (a phase starts on a subject when everything earlier has
/// passed on every subject that overlaps it) costs no more than the edges it makes.
///
/// Invariant: a subject's own tail is later than the tails of the subjects that hold it, and
/// everything inside it that has a tail waits for it. So what overlaps a subject is the tails of
/// the innermost subjects inside it that have any. If there are none, it is the subject's own tail,
/// or else the nearest tail around it.
struct Frontier {
  private var tail: Table<SubjectID, NodeID?>
  private var parent: Table<SubjectID, SubjectID>
  /// The heads, ends and links of the lists of subjects inside that have something later than the
  /// tail.
  private var firstLater: Table<SubjectID, SubjectID?>
  private var lastLater: Table<SubjectID, SubjectID?>
  private var nextLater: Table<SubjectID, SubjectID?>
  private var isListed: Table<SubjectID, Bool>

  init(_ subjects: Subjects) {
    let count = subjects.count
    tail = Table(repeating: nil, count: count)
    firstLater = Table(repeating: nil, count: count)
    lastLater = firstLater
    nextLater = firstLater
    isListed = Table(repeating: false, count: count)
    parent = Table(subjects.indices.map(subjects.parent))
  }

  /// Makes `node` the last thing on `subject`, after everything inside it.
  mutating func set(_ subject: SubjectID, _ node: NodeID) {
    tail[subject] = node
    var current = subject
    // Up to the deployment, which is in no list, or to a subject already listed.
    while current != .deployment, !isListed[current] {
      isListed[current] = true
      let holder = parent[current]
      if let last = lastLater[holder] {
        nextLater[last] = current
      } else {
        firstLater[holder] = current
      }
      lastLater[holder] = current
      current = holder
    }
  }

  /// Whether something inside the subject is later than its own tail.
  func hasLater(inside subject: SubjectID) -> Bool { firstLater[subject] != nil }

  /// What must have passed before something starts on `subject`, ascending; empty at the very
  /// beginning.
  ///
  /// Forgets the tails inside, so the caller must `set` the subject afterwards.
  mutating func take(_ subject: SubjectID) -> [NodeID] {
    if let inside = takeInside(subject) { return inside }
    var current = subject
    while current != .deployment {
      current = parent[current]
      if let last = tail[current] { return [last] }
    }
    return []
  }

  private func own(_ subject: SubjectID) -> [NodeID]? { tail[subject].map { [$0] } }

  /// Like `takeInside`, but forgets nothing.
  func inside(_ subject: SubjectID) -> [NodeID]? {
    hasLater(inside: subject) ? lastNodes(listed(inside: subject)) : own(subject)
  }

  /// Like `take`, but nil if neither the subject nor anything inside it has a tail.
  mutating func takeInside(_ subject: SubjectID) -> [NodeID]? {
    if !hasLater(inside: subject) { return own(subject) }
    let listed = listed(inside: subject)
    let found = lastNodes(listed)
    for inner in listed {
      firstLater[inner] = nil
      lastLater[inner] = nil
      tail[inner] = nil
      if inner == subject { continue }
      nextLater[inner] = nil
      isListed[inner] = false
    }
    return found
  }

  /// The subject, and all inside it that are in the lists.
  private func listed(inside subject: SubjectID) -> [SubjectID] {
    var all = [subject]
    var index = 0
    while index < all.count {
      var inner = firstLater[all[index]]
      while let next = inner {
        all.append(next)
        inner = nextLater[next]
      }
      index += 1
    }
    return all
  }

  /// The tails of those that have nothing later inside, ascending.
  private func lastNodes(_ subjects: [SubjectID]) -> [NodeID] {
    subjects.compactMap { firstLater[$0] == nil ? tail[$0] : nil }.sorted()
  }
}
