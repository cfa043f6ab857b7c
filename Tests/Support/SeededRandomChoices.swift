extension SeededRandom {
  /// A number below `bound`.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// True once in `times` times.
  package mutating func oneIn(_ times: Int) -> Bool { below(times) == 0 }

  /// One of these.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }
}
