import TestSupport
import Testing

/// How many steps run at once.
@Suite(.waits) struct LimitTests {
  /// Runs six pre-starts that each wait to be released, and releases them one at a time.
  ///
  /// - Returns: the most that were seen running at once.
  private func mostAtOnce(
    _ plan: String,
    _ arguments: String...,
    holding expected: Int
  ) throws -> Int {
    let sandbox = try Sandbox()
    let (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    let vm = try sandbox.vm()
    let count = 6
    for index in 1...count {
      try vm.releaseJob(
        "job\(index)",
        [
          "pre-start": """
          \(vm.note("begin"))
          echo here > '\(arrived.path)'
          read line < '\(go.path)'
          \(vm.note("end"))
          """
        ]
      )
    }
    try sandbox.write("p.plan", plan)
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"] + arguments)
    // As many as allowed are running before the first is released.
    _ = try arrived.lines(expected)
    for _ in 0..<(count - expected) {
      try go.release()
      _ = try arrived.line()
    }
    try go.release(expected)
    try run.finish().expect(0)
    var now = 0
    var most = 0
    for line in vm.order {
      now += line == "begin" ? 1 : -1
      most = max(most, now)
    }
    #expect(vm.order.count == 2 * count)
    return most
  }

  private static let plain = "plan p { phase pre-start { script pre-start } }"

  @Test func limitAppliesToItsPhase() throws {
    let plan = "plan p { phase pre-start { limit 2 script pre-start } }"
    #expect(try mostAtOnce(plan, holding: 2) == 2)
  }

  @Test func parallelAppliesToTheWholeRun() throws {
    #expect(try mostAtOnce(Self.plain, "--parallel", "3", holding: 3) == 3)
  }

  @Test("BOSH 12, no limit: one at a time still ends")
  func oneAtATimeFinishes() throws {
    #expect(try mostAtOnce(Self.plain, "--parallel", "1", holding: 1) == 1)
  }

  @Test func smallerLimitApplies() throws {
    let plan = "plan p { phase pre-start { limit 4 script pre-start } }"
    #expect(try mostAtOnce(plan, "--parallel", "2", holding: 2) == 2)
  }

  @Test("BOSH 2.3: without a limit many go at once")
  func allStepsStartTogetherWithoutALimit() throws {
    #expect(try mostAtOnce(Self.plain, holding: 6) == 6)
  }
}
