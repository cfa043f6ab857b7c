import Glibc
import TestSupport
import Testing

/// Random plans in random worlds, interrupted and resumed.
///
/// An independent reading of the rules checks each run.
@Suite struct RandomRunTests {
  private static let small = RandomPlan.Options(hasRules: true, isSmall: true)
  private static let large = RandomPlan.Options(hasRules: true)

  /// 100,000 runs: 20 parts of 50 plans with 100 runs each.
  @Test(arguments: 0..<20)
  func `runs of small plans keep the rules`(_ part: Int) throws {
    for plan in UInt64(part * 50)..<UInt64(part * 50 + 50) {
      let subject = try RandomSubject(seed: plan, Self.small)
      let seed = plan * 1000
      // In one world the driver is killed after every single record; the other worlds are random.
      var whole = RandomRun(subject, seed: seed, RandomRun.Options(firstInterruption: 0, lives: 1))
      whole.play()
      let last = min(whole.records, 60)
      try #require(keepsTheRules(whole, "small \(plan) \(seed) 0 1"))
      for record in 1..<max(last, 2) {
        var run = RandomRun(subject, seed: seed, RandomRun.Options(firstInterruption: record))
        run.play()
        try #require(keepsTheRules(run, "small \(plan) \(seed) \(record)"))
      }
      for world in UInt64(max(last, 2))..<100 {
        var run = RandomRun(subject, seed: seed + world)
        run.play()
        try #require(keepsTheRules(run, "small \(plan) \(seed + world)"))
      }
    }
  }

  @Test(arguments: 0..<10)
  func `runs of large plans keep the rules`(_ part: Int) throws {
    for plan in UInt64(part * 20)..<UInt64(part * 20 + 20) {
      let subject = try RandomSubject(seed: plan, Self.large)
      for seed in plan * 1000..<plan * 1000 + 2 {
        var run = RandomRun(subject, seed: seed)
        run.play()
        try #require(keepsTheRules(run, "large \(plan) \(seed)"))
      }
    }
  }

  /// Without this, the other tests could pass because the checker finds nothing.
  @Test(arguments: Fault.allCases)
  func `the checker finds every fault`(_ fault: Fault) throws {
    for plan in 0..<UInt64(200) {
      let subject = try RandomSubject(seed: plan, Self.small)
      for seed in plan * 1000..<plan * 1000 + 10 {
        var run = RandomRun(subject, seed: seed, RandomRun.Options(fault: fault))
        run.play()
        if run.complaints.contains(where: { $0.contains(fault.complaint) }) { return }
      }
    }
    Issue.record("2000 runs with it, and nobody complained: \(fault.complaint)")
  }

  /// Only the check at every moment finds a step that waits too long, because the end of the run is
  /// as it should be.
  @Test(arguments: Fault.delays)
  func `only the check for waiting steps finds a delay`(_ fault: Fault) throws {
    var found = 0
    for plan in 0..<UInt64(200) {
      let subject = try RandomSubject(seed: plan, Self.small)
      for seed in plan * 1000..<plan * 1000 + 5 {
        var run = RandomRun(subject, seed: seed, RandomRun.Options(fault: fault))
        run.play()
        let others = run.complaints.filter { !$0.contains(fault.complaint) }
        #expect(others.isEmpty, "small \(plan) \(seed)")
        if !run.complaints.isEmpty { found += 1 }
      }
    }
    #expect(found > 10)
  }

  private func keepsTheRules(_ run: RandomRun, _ seeds: String) -> Bool {
    let complaints = run.complaints
    if complaints.isEmpty { return true }
    Issue.record("LOCKSTEP_SEED='\(seeds)' swift test --filter 'prints a run': \(complaints)")
    return false
  }

  /// `small` or `large`, the seeds of the plan and the world, and optionally the record of the
  /// first interruption and how often the run is driven.
  @Test(.enabled(if: seeds != nil))
  func `prints a run`() throws {
    let words = try #require(seeds).split(separator: " ")
    try #require(words.count >= 3)
    let plan = try #require(UInt64(words[1]))
    let subject = try RandomSubject(seed: plan, words[0] == "small" ? Self.small : Self.large)
    var options = RandomRun.Options()
    if words.count > 3 { options.firstInterruption = UInt32(words[3]) }
    if words.count > 4 { options.lives = try #require(Int(words[4])) }
    var run = RandomRun(subject, seed: try #require(UInt64(words[2])), options)
    run.play()
    print(run.story)
    #expect(run.complaints.isEmpty)
  }
}

/// The run to print.
private let seeds = getenv("LOCKSTEP_SEED").map { String(cString: $0) }
