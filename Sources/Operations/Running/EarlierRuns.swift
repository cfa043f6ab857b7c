import Execution
import Journal
import Machine
import System
import VM
import Words

/// Deals with unfinished runs before a new one begins on their VMs.
///
/// Needs the lock of the VMs.
struct EarlierRuns {
  /// The next action.
  enum Next {
    /// The new run begins.
    case begin
    /// This run is resumed instead.
    case resume(FoundRun)
  }

  let vms: VMSelection
  /// As in `--state`.
  let state: String?
  let abandonment: Abandonment
  /// The header of the run that would begin.
  let header: RunHeader
  private let tell: Tell
  /// The IDs of runs that were found on hosts, and settled there.
  var settledElsewhere: Set<String> = []

  private var givenUp: [UnfinishedRuns.Found] = []
  private var superseded: [UnfinishedRuns.Found] = []
  /// The processes that drove earlier runs in this boot.
  private(set) var coordinators: Set<Int32> = []

  init(
    _ vms: VMSelection,
    state: String?,
    _ abandonment: Abandonment,
    _ header: RunHeader,
    tell: @escaping Tell
  ) {
    self.vms = vms
    self.state = state
    self.abandonment = abandonment
    self.header = header
    self.tell = tell
  }

  private func look() -> UnfinishedRuns {
    UnfinishedRuns(vms, state: state, isOnlyLooking: false)
  }

  /// Looks for unfinished runs, waits for abandoned ones, and reports the others.
  ///
  /// - Parameter mayResume: whether to resume the same run of this boot instead of a new one.
  /// - Returns: the next action.
  /// - Throws: an error if a name matches none of them, if one still prevents a new run, or if the
  ///   waiting was stopped.
  mutating func settle(mayResume: Bool) throws(CommandFailure) -> Next {
    var unfinished = look()
    for (run, way) in try abandonment.resolved(among: unfinished.runs, or: settledElsewhere) {
      try end(run, way, &unfinished)
      givenUp.append(run)
    }
    var passedOver: [UnfinishedRuns.Found] = []
    if let way = abandonment.others {
      for run in unfinished.runs where !givenUp.contains(where: { $0.id == run.id }) {
        try end(run, way, &unfinished)
        passedOver.append(run)
      }
      while !unfinished.strangers.isEmpty {
        try end(unfinished.strangers, of: "an unknown run", way)
        unfinished = look()
      }
    }
    for run in givenUp + passedOver { unfinished.remove(run) }
    if mayResume, let run = unfinished.runs.last(where: isSame),
      let found = FoundRun(run, state: state)
    {
      tell(
        .words(
          "\(run.words) was interrupted in this boot; it is resumed instead of starting a new run"
        )
      )
      return .resume(found)
    }
    try unfinished.refuseIfInTheWay(tell)
    coordinators = (unfinished.runs + givenUp + passedOver).reduce(into: []) {
      $0.formUnion($1.coordinators)
    }
    if header.policy.passedOver.isEmpty {
      superseded = unfinished.runs.filter { run in
        run.contents.map {
          $0.header.plan == header.plan && $0.header.machines == header.machines
        } ?? false
      }
    }
    self.unfinished = unfinished
    return .begin
  }

  /// Waits for what a run has left, or ends it, as decided.
  private func end(
    _ run: UnfinishedRuns.Found,
    _ way: Abandonment.Way,
    _ unfinished: inout UnfinishedRuns
  ) throws(CommandFailure) {
    var left = run
    while !left.left.living.isEmpty {
      try end(left.left.living, of: "run \(run.id)", way)
      // A killed holder leaves its command running.
      unfinished = look()
      guard let again = unfinished.runs.first(where: { $0.id == run.id }) else { return }
      left = again
    }
  }

  private func end(
    _ left: [LeftoverProcess],
    of run: String,
    _ way: Abandonment.Way
  ) throws(CommandFailure) {
    let signal: Int32?
    do {
      signal = try Abandonment.settle(left, of: run, way, tell: tell)
    } catch {
      throw .refused([Problem(path: left.first?.step ?? run, what: "\(error)")])
    }
    guard let signal else { return }
    throw CommandFailure(
      .stopped(by: signal),
      [.ofCommand("stopped by \(signalName(signal)); nothing was started")]
    )
  }

  private var unfinished: UnfinishedRuns?

  /// Whether a run equals the one that would begin, and was begun in this boot.
  private func isSame(_ run: UnfinishedRuns.Found) -> Bool {
    guard let contents = run.contents, let first = contents.sessions.first else { return false }
    return isThisBoot(first.boot) && SuccessInBoot.isSame(contents.header, header)
  }

  /// Called when the new run is recorded.
  ///
  /// What was abandoned or starts anew is not reported again.
  func finish(_ run: RunFolder) {
    guard let unfinished else { return }
    for other in givenUp {
      other.noteGivenUp(for: run.id)
      unfinished.forget(other)
    }
    for other in superseded { unfinished.forget(other) }
  }
}
