import Glibc
import TestSupport
import Testing

/// Runs on several hosts in which something is killed at a random moment, and which are resumed until
/// they are done.
///
/// The verdict relies on what the steps recorded, not on the command's own records.
@Suite(.waits) struct FleetKillTests {
  enum Fault: CaseIterable {
    /// The coordinator, with its connections; the far ends stay.
    case coordinator
    /// The `lockstep serve` of one host.
    case farEnd
    /// What carries the connection to one host.
    case link
    /// The same, and for a while there is no other.
    case cut
    /// Everything on one host, which then has another boot id.
    case reboot
    /// Everything everywhere.
    case everything
  }

  /// What a sample has.
  ///
  /// A host that is cut off or rebooted can make the run fail, and then its `finally` runs before the
  /// resume and after it again, which the verdict does not allow for. `FleetFaultTests` has both at
  /// chosen moments.
  private static let faults: [Fault] =
    Rounds.isThorough ? Fault.allCases : [.coordinator, .farEnd, .link, .everything]

  @Test(.enabled(if: FleetLinks.canBoot), arguments: faults)
  func everyEffectHappensOnce(fault: Fault) throws {
    let span = try Self.duration.get()
    for round in 0..<max(1, Rounds.count(6) / Fault.allCases.count) {
      var random = SeededRandom(seed: UInt64(round) << 8 | UInt64(fault.hashNumber))
      let world = try RecordingFleet()
      var recovery = Recovery(world.world)
      var next = Recovery.Next.command(world.world.commands.run)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        guard case .command(let arguments) = next else { break }
        let running = try world.world.start(arguments)
        usleep(UInt32(Int.random(in: 0...span, using: &random)))
        try inject(fault, into: world, running, host: Int.random(in: 0...2, using: &random))
        next = try recovery.next(after: running.finish(), wasDisturbed: true)
      }
      try recovery.finish(from: next)
      if !recovery.judge() { return }
      world.fleet.expectNothingLeft(ofLastRun: true)
    }
  }

  private func inject(
    _ fault: Fault,
    into world: RecordingFleet,
    _ running: RunningCommand,
    host: Int
  ) throws {
    switch fault {
    case .coordinator: try running.signal(SIGKILL)
    case .farEnd: try world.links.killFarEnd(host)
    case .link: try world.links.killLink(host)
    case .cut:
      try world.links.cutLink(host)
      try world.links.waitForRefusal(running)
      world.links.mendLink(host)
    case .reboot: try world.reboot(host)
    case .everything:
      try running.signal(SIGKILL)
      try world.world.killEverything()
    }
  }

  /// How long an undisturbed run takes, in microseconds.
  private static let duration = Result { try durationOfRun() }

  private static func durationOfRun() throws -> Int {
    let world = try RecordingFleet()
    var begin = timespec()
    clock_gettime(CLOCK_MONOTONIC, &begin)
    let finished = try world.world.start(world.world.commands.run).finish().expect(0)
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    try world.world.acknowledge(finished)
    #expect(world.world.faults() == [], finished.shown)
    world.fleet.expectNothingLeft()
    return (end.tv_sec - begin.tv_sec) * 1_000_000 + (end.tv_nsec - begin.tv_nsec) / 1000
  }
}

extension FleetKillTests.Fault {
  /// For a seed.
  fileprivate var hashNumber: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
