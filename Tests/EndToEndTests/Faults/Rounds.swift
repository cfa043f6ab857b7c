/// How many cases the fault tests try.
///
/// `LOCKSTEP_FAULT_ROUNDS=N swift test --filter Faults` does N random rounds, and tries every case
/// that can be enumerated instead of a sample.
enum Rounds {
  private static let asked = variable("LOCKSTEP_FAULT_ROUNDS").flatMap { Int($0) }

  /// Whether to try every case that can be enumerated.
  static var isThorough: Bool { asked != nil }

  /// How many rounds: as requested, otherwise this many.
  static func count(_ usual: Int) -> Int { asked ?? usual }

  /// The cases to try: all of them if requested.
  ///
  /// Otherwise at most `usual`: the first, the last, and others evenly spread between them.
  static func sample(_ cases: Range<Int>, _ usual: Int) -> [Int] {
    if isThorough || cases.count <= usual { return Array(cases) }
    let last = cases.count - 1
    return (0..<usual).map { cases.lowerBound + $0 * last / (usual - 1) }
  }
}
