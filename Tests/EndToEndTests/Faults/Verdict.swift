extension RecordingVM {
  /// What is wrong in the record, now that a run of the plan has succeeded.
  ///
  /// - Parameter again: how often a person decided that a step must run again.
  /// - Returns: a line for each fault.
  func faults(again: [String: Int] = [:]) -> [String] {
    var verdict = Verdict(self)
    for (what, step) in record { verdict.take(what, step) }
    return verdict.faults(again)
  }
}

/// Judges a record from its beginning to its end.
private struct Verdict {
  private let world: RecordingVM
  private var faults: [String] = []
  private var running: Set<String> = []
  private var succeeded: Set<String> = []
  /// The steps that were announced as succeeded.
  private var acknowledged: Set<String> = []
  /// How often each step was started.
  private var starts: [String: Int] = [:]

  init(_ world: RecordingVM) { self.world = world }

  mutating func take(_ what: String, _ step: String) {
    switch what {
    case "start": start(step)
    case "end":
      running.remove(step)
      succeeded.insert(step)
    case "fail": running.remove(step)
    case "ok":
      acknowledged.insert(step)
      if !succeeded.contains(step) { faults.append("\(step): said to be ok, and was not") }
    case "killed": running = []
    // An instance.
    case "down": running = running.filter { !$0.contains(":\(step)#") && !$0.contains(":\(step)/") }
    default: faults.append("\(what) \(step): what is that?")
    }
  }

  private mutating func start(_ step: String) {
    guard let rule = world.rules.first(where: { $0.step == step }) else {
      return faults.append("\(step): is no step")
    }
    if running.contains(step) { faults.append("\(step): overlaps itself") }
    for before in rule.after where !succeeded.contains(before) || running.contains(before) {
      faults.append("\(step): started before \(before) had succeeded")
    }
    if !mayRepeat(step) {
      if acknowledged.contains(step) {
        faults.append("\(step): ran again, and had been said to be ok")
      }
      for follower in world.rules where follower.after.contains(step) {
        if starts[follower.step] != nil {
          faults.append("\(step): started after \(follower.step), which waits for it")
        }
      }
    }
    starts[step, default: 0] += 1
    running.insert(step)
  }

  /// Whether a step's block starts over.
  ///
  /// Its `finally` runs when the step has ended; until the `finally` has ended too, the block must
  /// be done again.
  private func mayRepeat(_ step: String) -> Bool {
    guard let guarded = world.guarded, step == guarded.work else { return false }
    return !acknowledged.contains(guarded.tidy)
  }

  func faults(_ again: [String: Int]) -> [String] {
    var faults = faults + running.sorted().map { "\($0): still running" }
    for rule in world.rules where !succeeded.contains(rule.step) {
      faults.append("\(rule.step): never succeeded")
    }
    for step in world.plain.sorted() {
      let count = starts[step, default: 0]
      if count > 1 + again[step, default: 0] {
        faults.append("\(step): is not idempotent, and was started \(count) times")
      }
    }
    return faults
  }
}
