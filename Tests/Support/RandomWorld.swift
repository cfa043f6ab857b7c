import Analysis
import Clock
import Execution
import PlanGraph

/// Worlds in which attempts fail, hang and end at random.
enum RandomWorld {
  /// The world that belongs to a seed.
  static func world(
    _ subject: RandomSubject,
    seed: UInt64,
    _ random: inout SeededRandom
  ) -> Simulator.World {
    let trouble = random.below(5)
    let isBounded = subject.isBounded
    return Simulator.World(
      attempt: { node, attempt in
        var own = SeededRandom(
          seed: seed &* 1_000_003 &+ UInt64(node.index) &* 31 &+ UInt64(attempt)
        )
        return Self.attempt(&own, trouble: trouble, mayHang: isBounded[node])
      },
      answer: { node, _ in (UInt64(node.index) &+ seed) % 3 != 0 },
      cancellations: cancellations(&random),
      sync: sync(&random)
    )
  }

  private static func cancellations(_ random: inout SeededRandom) -> [(Instant, Int32)] {
    guard random.oneIn(4) else { return [] }
    let first = Int64(random.below(30)) * 500_000_000
    guard random.oneIn(2) else { return [(Instant(nanoseconds: first), 15)] }
    let second = first + Int64(random.below(8)) * 500_000_000
    let two = [(Instant(nanoseconds: first), Int32(15)), (Instant(nanoseconds: second), 2)]
    guard random.oneIn(3) else { return two }
    // KILL ends everything immediately, so only a signal that follows at once finds anything left.
    return two + [(Instant(nanoseconds: second), 15)]
  }

  private static func sync(_ random: inout SeededRandom) -> ((Int) -> Duration?)? {
    if random.oneIn(3) { return nil }
    let slowest = random.pick([1, 20, 400, 3000])
    let failing = random.oneIn(10) ? 1 + random.below(12) : .max
    let seed = random.next()
    return { group in
      if group >= failing { return nil }
      var own = SeededRandom(seed: seed &+ UInt64(group))
      return .milliseconds(own.below(slowest))
    }
  }

  private static func attempt(
    _ random: inout SeededRandom,
    trouble: Int,
    mayHang: Bool
  ) -> SimulatedAttempt {
    let duration = Duration.milliseconds(250 * random.below(24))
    if random.below(5) >= trouble {
      return SimulatedAttempt(duration: duration, result: .exited(0))
    }
    switch mayHang ? random.below(6) : 2 + random.below(4) {
    case 0: return SimulatedAttempt(duration: nil, result: .exited(0), lingers: nil)
    case 1:
      return SimulatedAttempt(duration: nil, result: .exited(0), lingers: .milliseconds(500))
    case 2: return SimulatedAttempt(duration: duration, result: .signalled(11))
    case 3:
      return SimulatedAttempt(
        duration: duration,
        result: random.oneIn(2) ? .failed("no such thing") : .refused("no such program")
      )
    case 4: return SimulatedAttempt(duration: duration, result: .exited(2))
    default: return SimulatedAttempt(duration: duration, result: .exited(1))
    }
  }
}
