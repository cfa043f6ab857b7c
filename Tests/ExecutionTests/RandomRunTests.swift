import Glibc
import TestSupport
import Testing

/// Random plans in random worlds, interrupted and resumed, each judged by an independent reading of
/// the rules.
@Suite struct RandomRunTests {
  /// Large plans, few worlds.
  @Test(arguments: 0..<10)
  func `runs of large plans keep the rules`(_ part: Int) throws {
    for plan in part * 20..<(part + 1) * 20 {
      try play(RandomPlan.Options(hasRules: true), plan: plan, worlds: 2)
    }
  }

  /// Small plans, many worlds.
  @Test(arguments: 0..<20)
  func `runs of small plans keep the rules`(_ part: Int) throws {
    for plan in part * 20..<(part + 1) * 20 {
      try play(RandomPlan.Options(hasRules: true, isSmall: true), plan: plan, worlds: 20)
    }
  }

  private func play(_ options: RandomPlan.Options, plan: Int, worlds: Int) throws {
    let subject = try RandomSubject(seed: UInt64(plan), options)
    for world in 0..<worlds {
      let seed = UInt64(plan * 1000 + world)
      var run = RandomRun(subject, seed: seed)
      run.play()
      let complaints = run.complaints
      #expect(complaints.isEmpty, "plan \(plan), world \(seed)")
      if !complaints.isEmpty { return }
    }
  }
}
