package import Analysis
package import Execution
import Journal

/// A run in a random world.
///
/// It is interrupted after chosen records and resumed each time, and judged by the rules.
package struct RandomRun {
  /// What to try.
  package struct Options: Sendable {
    /// The record after which the first driver is killed; nil for one chosen by the seed, 0 for
    /// none.
    package var firstInterruption: UInt32?
    /// How often a run is driven, at most.
    package var lives = 4
    /// A mistake to make.
    package var fault: Fault?

    package init(firstInterruption: UInt32? = nil, lives: Int = 4, fault: Fault? = nil) {
      self.firstInterruption = firstInterruption
      self.lives = lives
      self.fault = fault
    }
  }

  let subject: RandomSubject
  private let options: Options
  private var random: SeededRandom
  private var simulator: Simulator
  /// What can be read from the records alone.
  private var replayed: Run
  private var entriesRead = 0
  package let policy: RunPolicy
  private var replayComplaints: [String] = []
  private var checker: RunChecker
  /// Whether the run resumes without renewing anything, as runs did earlier.
  private let isOld: Bool

  /// The broken rule, in words.
  package var complaints: [String] { replayComplaints + checker.complaints }
  package var trace: [Simulator.Entry] { simulator.trace }
  /// How many records there are in the end.
  package var records: UInt32 { replayed.eventCount }

  /// Makes the run that belongs to a seed.
  package init(_ subject: RandomSubject, seed: UInt64, _ options: Options = Options()) {
    self.subject = subject
    self.options = options
    random = SeededRandom(seed: seed ^ 0xABCD_EF01)
    policy = RunPolicy(
      parallel: random.oneIn(3) ? 1 + random.below(3) : 64,
      failureMode: random.pick([.finish, .finish, .stop, .abort]),
      seed: seed
    )
    isOld = options.fault == nil && seed % 8 == 7
    simulator = Simulator(subject.graph, RandomWorld.world(subject, seed: seed, &random))
    replayed = Run(
      options.fault?.graph(subject.graph) ?? subject.graph,
      policy: options.fault?.policy(policy) ?? policy
    )
    checker = RunChecker(subject.rules, policy)
  }

  /// Drives the run through all its lives and judges it.
  package mutating func play() {
    var first: [Event] = [.began]
    var last = Lapse.nothing
    for life in 1...options.lives {
      let interruption = interruption(life)
      let resumption = replayed.eventCount + UInt32(first.count)
      let (run, outcome) = drive(first, until: interruption)
      let isInterrupted = outcome == nil && interruption?.event == run.eventCount
      if outcome == nil, !isInterrupted { break }
      // A killed driver without a disk has started steps that no record mentions. So these two
      // faults are only combined when everything ends.
      let isCut = simulator.written < run.eventCount || isInterrupted && random.oneIn(3)
      let losesPower = isInterrupted && isCut
      let lost = isCut ? random.below(Int(simulator.written - simulator.durable) + 1) : 0
      let kept = simulator.written - UInt32(lost)
      read(upTo: kept)
      if kept == run.eventCount, replayed.encodedState != run.encodedState {
        replayComplaints.append("the records give another state [record \(kept)]")
      }
      if life == options.lives || outcome == .succeeded { break }
      if outcome != nil, lost == 0, random.oneIn(2) { break }
      let lapse = lapse(mayReboot: outcome != nil || losesPower)
      simulator.interrupt(
        keeping: kept,
        losesPower: losesPower,
        lapse: lapse,
        rest: .milliseconds(250 * random.below(60))
      )
      // The last known reboot is one that no record mentions.
      last = last == .reboot && kept < resumption ? .reboot : lapse
      first = assumptions() + [.resumed(last)]
    }
    checker.judge(simulator.trace)
  }

  /// Drives the run of the records, with the mistake if there is one.
  private mutating func drive(
    _ first: [Event],
    until interruption: Simulator.Interruption?
  ) -> (Run, RunOutcome?) {
    var run = GatedRun(replayed)
    guard let fault = options.fault else {
      let outcome = simulator.drive(&run, by: first, until: interruption, most: 5000)
      return (run.run, outcome)
    }
    var faulty = FaultyRun(run, fault)
    let outcome = simulator.drive(&faulty, by: first, until: interruption, most: 5000)
    return (faulty.run.run, outcome)
  }

  /// What happens between two lives.
  private mutating func lapse(mayReboot: Bool) -> Lapse {
    if isOld { return .nothing }
    if mayReboot, random.oneIn(2) { return .reboot }
    return .time
  }

  /// Where a driver is killed.
  ///
  /// The last one is not killed.
  private mutating func interruption(_ life: Int) -> Simulator.Interruption? {
    if life == options.lives { return nil }
    let performing = random.below(4)
    if life == 1, let event = options.firstInterruption {
      return event == 0 ? nil : Simulator.Interruption(event: event, performing: performing)
    }
    if random.oneIn(3) { return nil }
    let event = replayed.eventCount + 1 + UInt32(random.below(life == 1 ? 40 : 12))
    return Simulator.Interruption(event: event, performing: performing)
  }

  /// A person's decisions about steps in doubt.
  private mutating func assumptions() -> [Event] {
    var events: [Event] = []
    for node in replayed.doubtful() {
      switch random.below(3) {
      case 0: events.append(.assumed(node, .done))
      case 1: events.append(.assumed(node, .again))
      default: break
      }
    }
    return events
  }

  /// Reads new records from their text, as a resumed run would.
  private mutating func read(upTo count: UInt32) {
    while entriesRead < simulator.trace.count {
      let entry = simulator.trace[entriesRead]
      entriesRead += 1
      guard case .event(let event, let decided) = entry.occurrence, replayed.eventCount < count
      else {
        continue
      }
      var line: [UInt8] = []
      EventRecord.append(event, at: entry.moment, subject.graph, to: &line)
      let read = line.withUnsafeBytes { EventRecord.read($0, subject.graph) }
      guard let (moment, again) = read, moment == entry.moment, again == event else {
        replayComplaints.append(
          "'\(String(decoding: line, as: UTF8.self))' is read as another event"
        )
        return
      }
      if options.fault == .aRecordIsForgotten, entriesRead % 8 == 0 { continue }
      if replayed.handle(again, at: moment) != decided {
        replayComplaints.append("the records lead elsewhere [record \(replayed.eventCount)]")
      }
    }
  }
}
