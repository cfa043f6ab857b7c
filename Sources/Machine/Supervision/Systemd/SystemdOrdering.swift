import Clock
import Execution
import Glibc
import System
import Words

/// Sees that an order to systemd does not wait for us while we wait for it.
///
/// `lockstep` may be run by a unit whose own start (or stop) is in progress, such as the boot unit.
/// A unit that is ordered after that one, or after `multi-user.target`, which waits for it, then
/// waits until we have ended, and we wait for the unit. systemd's queue of jobs shows whether this
/// is so. The units of the order are then started (or stopped) at once, regardless of their
/// ordering.
final class SystemdOrdering {
  private let operation: SystemdOperation
  private let units: [String]
  private let own: String
  private var timer: TimerToken?
  private var call: ProcessAttempt?
  private var isClosed = false

  private static let pause = Duration.seconds(1)

  /// Begins to watch; nil if no unit runs us.
  init?(_ operation: SystemdOperation, _ units: [String]) {
    guard let own = OwnUnit.name else { return nil }
    self.operation = operation
    self.units = units
    self.own = own
    wait()
  }

  /// Ends that.
  func close() {
    isClosed = true
    if let timer { operation.loop.disarm(timer) }
    timer = nil
    call?.forget()
    call = nil
  }

  private func wait() {
    timer = operation.loop.arm(after: Self.pause) { [self] in
      timer = nil
      ask(["list-jobs", "--before", "--no-legend", "--plain"]) { [self] answer in
        guard case .success(let text) = answer else { return wait() }
        take(SystemdJobs.read(text))
      }
    }
  }

  private func take(_ jobs: SystemdJobs) {
    // Of those that wait one after the other the one that is nearest to us is enough.
    var forced: [String] = []
    for unit in units {
      guard let way = jobs.way(from: unit, to: own),
        let nearest = way.last(where: { units.contains($0) }), !forced.contains(nearest)
      else { continue }
      forced.append(nearest)
      let between = way.drop { $0 != nearest }.dropFirst().map { quoted($0) }
      operation.order.remark(
        .warning,
        "\(quoted(nearest)) waits in systemd's queue for \(between.joined(separator: ", then ")), "
          + "which is this run; so it is \(operation.order.verb.done) regardless of its ordering"
      )
    }
    if forced.isEmpty { return wait() }
    let verb = operation.order.verb.rawValue
    ask([verb, "--no-block", "--job-mode=ignore-dependencies", "--"] + forced) { [self] _ in wait()
    }
  }

  private func ask(
    _ arguments: [String],
    _ done: @escaping (Result<String, SystemctlFailure>) -> Void
  ) {
    let attempt = operation.systemctl.call(arguments) { [self] result in
      call = nil
      if !isClosed { done(result) }
    }
    call = attempt
    attempt.begin()
  }
}

extension SupervisorOrder.Verb {
  /// The past participle of the verb.
  fileprivate var done: String {
    switch self {
    case .start: "started"
    case .stop: "stopped"
    case .unmonitor: "unmonitored"
    }
  }
}
