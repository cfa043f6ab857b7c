import Glibc
import Testing

/// Completes a run after any fault, like a person who follows what the command says.
struct Recovery {
  let world: RecordingVM
  /// Whether the command must know how every step ended, so that it asks no question.
  var mustKnow = false
  /// How often the person decided that a step must run again.
  private(set) var again: [String: Int] = [:]
  /// The commands and everything they wrote.
  private(set) var story: [String] = []

  init(_ world: RecordingVM, mustKnow: Bool = false) {
    self.world = world
    self.mustKnow = mustKnow
  }

  /// What to do next.
  enum Next {
    case command([String])
    case done
  }

  /// Reads what a command said, and decides what comes next.
  ///
  /// - Parameters:
  ///   - finished: the command.
  ///   - wasDisturbed: whether a fault was injected meanwhile.
  /// - Returns: what a person would do.
  /// - Throws: an error if it ended in a way that it must not.
  mutating func next(
    after finished: FinishedCommand,
    wasDisturbed: Bool = false
  ) throws -> Next {
    story.append("\(finished.shown)")
    try world.acknowledge(finished)
    switch finished.status {
    case .exited(0): return .done
    case .exited(1): return .command(world.commands.resume)
    case .signalled(SIGKILL) where wasDisturbed: return .command(world.commands.resume)
    case .exited(3) where finished.err.contains("--assume"):
      return .command(world.commands.resume + (try assumptions(finished)))
    // A child of the killed process that has not reached its execve(2) still has the lock.
    case .exited(3) where finished.err.contains("is working on it"):
      return .command(world.isUntouched ? world.commands.run : world.commands.resume)
    case .exited(3) where wasDisturbed && !world.isUntouched: return .command(world.commands.resume)
    case .exited(3), .exited(65):
      if !world.isUntouched { throw failure("the record of what ran is gone") }
      return .command(world.commands.run)
    default: throw failure("ended in a way that it must not")
    }
  }

  /// Resumes, or starts the run if there is none, until everything is done.
  mutating func finish(from next: Next) throws {
    var next = next
    let deadline = Deadline()
    while case .command(let arguments) = next {
      if deadline.milliseconds == 0 { throw failure("comes to no end") }
      next = try self.next(after: world.start(arguments).finish())
    }
  }

  /// Fails the test if the steps' record has faults.
  ///
  /// - Returns: whether there are no faults.
  @discardableResult
  func judge(_ location: SourceLocation = #_sourceLocation) -> Bool {
    let faults = world.faults(again: again)
    if !faults.isEmpty {
      Issue.record("\(failure(faults.joined(separator: "\n")))", sourceLocation: location)
    }
    world.sandbox.expectNoSurvivors(location)
    return faults.isEmpty
  }

  /// A failure message with everything that was recorded and printed.
  func failure(_ words: String) -> SystemFailure {
    SystemFailure(
      description: """
        \(words)
        --- record
        \(world.sandbox.text("record") ?? "")--- commands
        \(story.joined(separator: "\n"))
        """
    )
  }

  /// A person's decisions about steps in doubt: whether they have done their work.
  private mutating func assumptions(_ finished: FinishedCommand) throws -> [String] {
    if mustKnow { throw failure("asks of a step that was seen through") }
    var arguments: [String] = []
    let record = world.record
    for line in finished.err.split(separator: "\n") {
      let words = line.split(separator: " ").map { $0.filter { $0 != "'" } }
      guard words.count == 2, words[0] == "--assume", words[1].hasSuffix("=done") else { continue }
      let step = String(words[1].dropLast("=done".count))
      let isDone = record.contains { $0.what == "end" && $0.step == step }
      if !isDone { again[step, default: 0] += 1 }
      arguments += ["--assume", "\(step)=\(isDone ? "done" : "again")"]
    }
    return arguments
  }
}
