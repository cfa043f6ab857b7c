import PlanGraph

/// Finds names among many by their hashes: four bytes for each, where a dictionary keeps the names as
/// well.
struct NameIndex {
  private var slots: [UInt32]
  private var repeated: [Bool]
  private static let free = UInt32.max

  /// Makes an index for at most this many names.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = [UInt32](repeating: Self.free, count: size)
    repeated = [Bool](repeating: false, count: capacity)
  }

  /// Whether the name at this place was put in more than once.
  func isRepeated(_ index: Int) -> Bool { repeated[index] }

  /// Puts in the name at a place.
  mutating func insert(_ index: Int, _ names: [String?]) {
    guard let name = names[index] else { return }
    let slot = find(name, names)
    let first = slots[slot]
    if first == Self.free {
      slots[slot] = UInt32(index)
    } else {
      repeated[Int(first)] = true
      repeated[index] = true
    }
  }

  /// Whether a place before this one has a name that it was put in with.
  func hasName(_ name: String, before index: Int, _ names: [String?]) -> Bool {
    let first = slots[find(name, names)]
    return first != Self.free && first < index
  }

  private func find(_ name: String, _ names: [String?]) -> Int {
    var slot = name.hashValue & (slots.count - 1)
    while slots[slot] != Self.free, names[Int(slots[slot])] != name {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
