import Machine
import System
import VM
import Wire

/// What other runs have left on the VM.
final class Leftovers {
  /// The processes that drove these runs, in this boot.
  private(set) var coordinators: Set<Int32> = []

  private let vm: VMFolder
  /// The run that the near end works for, if it has a name by now.
  private let own: RunID?
  private var found: UnfinishedRuns
  private var waiting: LeftoverWaiting?
  /// The runs that somebody decided to give up.
  private var settledRuns: Set<RunID> = []

  /// Between the end of what was waited for and another look.
  private static let pause = Duration.milliseconds(20)

  /// Looks for it; the lock of the VM is held.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - own: the run that is not among the others.
  ///   - isOnlyLooking: whether the lock is not held, and so nothing may be changed.
  init(on vm: VMFolder, but own: RunID?, isOnlyLooking: Bool) {
    self.vm = vm
    self.own = own
    found = UnfinishedRuns(on: [vm], state: nil, far: own, isOnlyLooking: isOnlyLooking)
    coordinators = found.runs.reduce(into: []) { $0.formUnion($1.coordinators) }
  }

  /// For the near end.
  var message: FarMessage {
    var left = WireLeftovers()
    for (id, why) in found.unusable {
      left.runs.append(
        WireLeftovers.Run(
          id: id.text,
          words: "run \(id), of which nothing is known: \(why)",
          resume: nil,
          doubtful: []
        )
      )
    }
    for run in found.runs {
      left.runs.append(
        WireLeftovers.Run(
          id: run.id,
          words: run.words + (run.damage.map { "; \($0)" } ?? ""),
          resume: run.resumeCommand,
          doubtful: run.left.doubtful
        )
      )
      left.living += run.left.living.map { WireLeftovers.Process($0, of: run.id) }
    }
    left.living += found.strangers.map { WireLeftovers.Process($0, of: nil) }
    return .leftovers(left)
  }

  /// Waits for what still runs, or ends it.
  ///
  /// - Parameters:
  ///   - isEnding: whether to end it.
  ///   - machinery: the loop and what belongs to it.
  ///   - settled: called once nothing is left.
  func settle(
    isEnding: Bool,
    _ machinery: Machinery,
    settled: @escaping () -> Void
  ) {
    settledRuns.formUnion(
      found.runs.filter(\.isInTheWay).map(\.runID)
    )
    let living = found.runs.flatMap(\.left.living) + found.strangers
    if living.isEmpty {
      waiting = nil
      return settled()
    }
    let waiting = LeftoverWaiting(machinery) { [unowned self] in
      // A holder that was killed leaves its command.
      _ = machinery.loop.arm(after: Self.pause) { [self] in
        found = UnfinishedRuns(on: [vm], state: nil, far: own, isOnlyLooking: false)
        settle(isEnding: isEnding, machinery, settled: settled)
      }
    }
    self.waiting = waiting
    waiting.begin(living, isEnding: isEnding)
  }

  /// Hears that a run begins: what was settled for it is given up, and what it does again need not be
  /// told of any more.
  ///
  /// - Parameters:
  ///   - run: its name.
  ///   - plan: its plan's name.
  ///   - coordinator: who coordinates it.
  func finish(for run: RunID, plan: String, coordinator: String) {
    for other in found.runs {
      if settledRuns.contains(other.runID) {
        other.noteGivenUp(for: run)
        found.forget(other)
      } else if case .far(let folder, _) = other.record, !other.isInTheWay, other.plan == plan,
        other.coordinator == coordinator
      {
        folder.noteSuperseded(by: run)
      }
    }
  }
}

extension WireLeftovers.Process {
  fileprivate init(_ process: LeftoverProcess, of run: String?) {
    self.init(
      process: process.process,
      since: process.since,
      step: process.step,
      run: run
    )
  }
}
