/// How often the tests of faults try.
///
/// `LOCKSTEP_FAULT_ROUNDS=N swift test --filter Faults` goes through N rounds of what is random, and
/// through everything that can be counted out instead of a sample of it.
enum Rounds {
  private static let asked = variable("LOCKSTEP_FAULT_ROUNDS").flatMap { Int($0) }

  /// Whether everything is to be tried that can be counted out.
  static var isThorough: Bool { asked != nil }

  /// How many rounds: what was asked for, else this many.
  static func count(_ usual: Int) -> Int { asked ?? usual }

  /// What is tried of so many cases: all of them where that was asked for, else at most `usual`, the
  /// first and the last among them and the others evenly spread.
  static func sample(_ cases: Range<Int>, _ usual: Int) -> [Int] {
    if isThorough || cases.count <= usual { return Array(cases) }
    let last = cases.count - 1
    return (0..<usual).map { cases.lowerBound + $0 * last / (usual - 1) }
  }
}
