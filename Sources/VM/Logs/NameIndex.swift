import PlanGraph

/// Finds names among many by their hashes: eight bytes for each, while a dictionary would also keep
/// the names.
struct NameIndex {
  private var slots: [StepTemplateID?]
  private var repeated: Table<StepTemplateID, Bool>

  /// Makes an index for at most this many names.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [StepTemplateID?](repeating: nil, count: size)
    repeated = Table(repeating: false, count: capacity)
  }

  /// Whether the name at this place was put in more than once.
  func isRepeated(_ id: StepTemplateID) -> Bool { repeated[id] }

  /// Puts in the name at a place.
  mutating func insert(_ id: StepTemplateID, _ names: Table<StepTemplateID, String?>) {
    guard let name = names[id] else { return }
    let slot = find(name, names)
    if let first = slots[slot] {
      repeated[first] = true
      repeated[id] = true
    } else {
      slots[slot] = id
    }
  }

  /// Whether a place before this one has a name that it was put in with.
  func hasName(
    _ name: String,
    before id: StepTemplateID,
    _ names: Table<StepTemplateID, String?>
  ) -> Bool {
    slots[find(name, names)].map { $0 < id } ?? false
  }

  private func find(_ name: String, _ names: Table<StepTemplateID, String?>) -> Int {
    var slot = name.hashValue & (slots.count - 1)
    while let id = slots[slot], names[id] != name {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
