package import Clock
package import Execution
import Glibc
import Journal
package import PlanGraph

/// What a machine has recorded of a run that is coordinated from another machine.
///
/// Steps have the numbers that the coordinator gives them.
package struct FarHistory: Sendable {
  /// Names an attempt of the run.
  package struct Identity: Hashable, Sendable {
    package var node: NodeID
    package var attempt: Int

    /// Names an attempt.
    package init(_ node: NodeID, _ attempt: Int) { (self.node, self.attempt) = (node, attempt) }
  }

  /// A process that does what the coordinator asks for.
  package struct Session: Hashable, Sendable {
    package var boot: String
    package var process: Int32
    /// It started nothing before this moment.
    package var began: Instant
  }

  /// How an attempt ended.
  package struct End: Hashable, Sendable {
    package var result: AttemptResult
    /// When it was seen to end.
    package var moment: Instant
    /// How long it took; nil if that is not known.
    package var took: Duration?

    /// Describes an end.
    package init(_ result: AttemptResult, at moment: Instant, took: Duration?) {
      (self.result, self.moment, self.took) = (result, moment, took)
    }
  }

  /// An attempt that was asked for.
  package struct Attempt: Hashable, Sendable {
    /// The session in which it was asked for, counted from 0.
    package var session: Int
    /// Not later than the moment at which anything of it began.
    package var asked: Instant
    /// The step's name.
    package var name: String
    /// Whether a holder records how it ends.
    package var isHeld: Bool
    /// Its process, if one was recorded.
    package var process: RecordedStart.Process?
    /// How it ended; nil if nobody saw that.
    package var end: End?
  }

  /// The run's name; empty as long as nothing is recorded.
  package private(set) var run = ""
  /// The VM's folder.
  package private(set) var vm = ""
  /// The plan's name.
  package private(set) var plan = ""
  /// Who coordinates it, for people.
  package private(set) var coordinator = ""
  package private(set) var sessions: [Session] = []
  package private(set) var attempts: [Identity: Attempt] = [:]
  /// The last attempt of each step.
  package private(set) var last: [NodeID: Int] = [:]

  /// Nothing is recorded.
  init() {}

  /// An attempt's record; nil if it was never asked for.
  package subscript(_ identity: Identity) -> Attempt? { attempts[identity] }

  /// The last attempt of a step, and its record; nil if none was ever asked for.
  package func lastAttempt(of node: NodeID) -> (number: Int, attempt: Attempt)? {
    last[node].flatMap { number in
      attempts[Identity(node, number)].map { (number, $0) }
    }
  }

  /// What was recorded of an attempt's process, for finding it again.
  package func start(of attempt: Attempt) -> RecordedStart {
    RecordedStart(
      boot: sessions[attempt.session].boot,
      asked: attempt.asked,
      process: attempt.process
    )
  }

  /// Takes in what happened.
  ///
  /// - Returns: whether it can follow what is there.
  @discardableResult
  mutating func take(_ entry: FarRecordEntry) -> Bool {
    switch entry {
    case .run(let name, let vm):
      guard sessions.isEmpty else { return false }
      (run, self.vm) = (name, vm)
    case .session(let boot, let process, let moment):
      sessions.append(Session(boot: boot, process: process, began: moment))
    case .coordinator(let words, let plan): (coordinator, self.plan) = (words, plan)
    case .asked(let identity, let moment, let isHeld, let name):
      guard !sessions.isEmpty else { return false }
      attempts[identity] = Attempt(
        session: sessions.count - 1,
        asked: moment,
        name: name,
        isHeld: isHeld
      )
      last[identity.node] = max(last[identity.node] ?? 0, identity.attempt)
    case .started(let identity, let process, let moment):
      guard attempts[identity] != nil else { return false }
      attempts[identity]?.process = process.map { RecordedStart.Process($0, recorded: moment) }
    case .ended(let identity, let end):
      guard attempts[identity] != nil else { return false }
      attempts[identity]?.end = end
    }
    return true
  }
}

extension FarHistory {
  /// Reads a record.
  ///
  /// - Parameter bytes: the whole file.
  /// - Returns: what it says, and where it can be continued; nil if it is damaged.
  static func read(_ bytes: [UInt8]) -> (history: FarHistory, scan: JournalScan)? {
    var history = FarHistory()
    var isSound = true
    let scan = bytes.withUnsafeBytes { bytes in
      JournalScan.scan(bytes) { payload, _ in
        guard let fields = RecordText.fields(payload), let entry = FarRecordEntry(fields),
          history.take(entry)
        else {
          isSound = false
          return
        }
      }
    }
    guard isSound, scan.ending != .damaged else { return nil }
    return (history, scan)
  }
}
