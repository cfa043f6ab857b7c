import Glibc
import TestSupport
import Testing

/// A run that is killed again and again, and started anew each time instead of resumed.
///
/// The verdict relies on what the steps recorded: no step ever ran twice at once.
@Suite(.waits) struct RunAgainTests {
  private static let canLock = Tool.isAllRequired || Tool.flock.works("--version")

  @Test(.enabled(if: canLock), arguments: KillTests.Extent.allCases)
  func noStepEverRunsTwiceAtOnce(extent: KillTests.Extent) throws {
    for _ in 0..<Rounds.count(10) {
      let world = try RecordingVM.large(isLocked: true)
      var story = Story(world)
      var arguments = RecordingVM.run
      for _ in 0..<Int.random(in: 2...6) {
        let running = try world.sandbox.start(arguments)
        usleep(.random(in: 0...300_000))
        try running.signal(SIGKILL)
        if extent == .everything { try world.killEverything() }
        let next = try story.next(after: running.finish(), wasKilled: true)
        // Once everything is done, no run is abandoned any more.
        arguments = next ?? RecordingVM.run
        if next == nil { break }
      }
      let deadline = Deadline()
      while let next = try story.next(after: world.sandbox.start(arguments).finish()) {
        if deadline.milliseconds == 0 { throw story.failure("comes to no end") }
        arguments = next
      }
      let faults = story.faults
      if !faults.isEmpty {
        Issue.record("\(story.failure(faults.joined(separator: "\n")))")
        return
      }
      world.sandbox.expectNoSurvivors()
    }
  }

  /// What the command said, and what a person does who wants to run the plan anew.
  private struct Story {
    let world: RecordingVM
    private var said: [String] = []

    init(_ world: RecordingVM) { self.world = world }

    /// The next command; nil when everything is done.
    mutating func next(
      after finished: FinishedCommand,
      wasKilled: Bool = false
    ) throws -> [String]? {
      said.append("\(finished.shown)")
      switch finished.status {
      case .exited(0): return nil
      case .exited(1): return RecordingVM.run
      case .signalled(SIGKILL) where wasKilled: return RecordingVM.run
      // A child of the killed process that has not reached its execve(2) still has the lock.
      case .exited(3) where finished.err.contains("is working on it"): return RecordingVM.run
      case .exited(3) where finished.err.contains("--abandon"):
        return RecordingVM.run + abandonments(finished)
      default: throw failure("ended in a way that it must not")
      }
    }

    /// The options that abandon the unfinished runs, in either of the two ways offered for each.
    private func abandonments(_ finished: FinishedCommand) -> [String] {
      var ways: [String: [String]] = [:]
      for line in finished.err.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 2, words[0] == "--abandon" else { continue }
        let run = words[1].split(separator: "=")[0]
        ways[String(run), default: []].append(String(words[1]))
      }
      return ways.values.flatMap { ["--abandon", $0.randomElement() ?? ""] }
    }

    /// What is wrong in the record, now that a run has succeeded.
    var faults: [String] {
      let record = world.record
      let overlaps = record.filter { $0.what == "overlap" }.map { "\($0.step): overlaps itself" }
      return overlaps
        + world.rules.filter { rule in
          !record.contains { $0.what == "end" && $0.step == rule.step }
        }.map { "\($0.step): never succeeded" }
    }

    func failure(_ words: String) -> SystemFailure {
      SystemFailure(
        description: """
          \(words)
          --- record
          \(world.sandbox.text("record") ?? "")--- commands
          \(said.joined(separator: "\n"))
          """
      )
    }
  }
}
