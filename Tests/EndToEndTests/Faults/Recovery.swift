import Glibc
import Testing

/// Brings a run to its end after whatever has befallen it, as a person would who reads what the
/// command says.
struct Recovery {
  let world: RecordingVM
  /// Whether the command is to know of every step how it ended, so that nobody has to be asked.
  var mustKnow = false
  /// How often the person said of a step that it is to run a second time.
  private(set) var again: [String: Int] = [:]
  /// The commands and all that they wrote.
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

  /// Takes over what a command has said, and tells what comes next.
  ///
  /// - Parameters:
  ///   - finished: the command.
  ///   - wasDisturbed: whether something was done to it meanwhile.
  /// - Returns: what a person would do.
  /// - Throws: where it ended in a way that it must not.
  mutating func next(
    after finished: FinishedCommand,
    wasDisturbed: Bool = false
  ) throws -> Next {
    story.append("\(finished.shown)")
    try world.acknowledge(finished)
    switch finished.status {
    case .exited(0): return .done
    case .exited(1): return .command(RecordingVM.resume)
    case .signalled(SIGKILL) where wasDisturbed: return .command(RecordingVM.resume)
    case .exited(3) where finished.err.contains("--assume"):
      return .command(RecordingVM.resume + (try assumptions(finished)))
    // A child of what was killed, on its way to its execve(2), still has the lock.
    case .exited(3) where finished.err.contains("is working on it"):
      return .command(RecordingVM.resume)
    case .exited(3) where wasDisturbed && !world.isUntouched: return .command(RecordingVM.resume)
    case .exited(3), .exited(65):
      if !world.isUntouched { throw failure("the record of what ran is gone") }
      return .command(RecordingVM.run)
    default: throw failure("ended in a way that it must not")
    }
  }

  /// Resumes, or runs where nothing was run, until all is done.
  mutating func finish(from next: Next) throws {
    var next = next
    let deadline = Deadline()
    while case .command(let arguments) = next {
      if deadline.milliseconds == 0 { throw failure("comes to no end") }
      next = try self.next(after: world.sandbox.start(arguments).finish())
    }
  }

  /// Fails the test where the steps' record has faults.
  ///
  /// - Returns: whether it has none.
  @discardableResult
  func judge(_ location: SourceLocation = #_sourceLocation) -> Bool {
    let faults = world.faults(again: again)
    if !faults.isEmpty {
      Issue.record("\(failure(faults.joined(separator: "\n")))", sourceLocation: location)
    }
    world.sandbox.expectNoSurvivors(location)
    return faults.isEmpty
  }

  /// A failure with everything that was recorded and said.
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

  /// What a person says of steps that nobody else can tell of: whether they have done their work.
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
