import Clock
import Execution
import PlanGraph
package import System
package import Wire
import Words

/// One machine of a fleet: its connection, what is known of it, and what is under way there.
///
/// A lost connection is made again until `reconnectLimit` has passed; what was asked meanwhile is
/// asked again. The far end starts nothing twice, so asking twice does no harm.
package final class FarHost {
  /// Its place in `Fleet.hosts`.
  package let number: Int
  /// The instances that are on it, for people: the name of the host in all messages.
  package let name: String
  package let place: ResolvedHost
  /// What it said of itself when it was reached first; nil if it was not.
  package internal(set) var report: VMReport?
  /// How far its clock was ahead of ours when it was reached first, to the time that its answer took;
  /// for people only.
  package private(set) var clockSkew: Duration?
  /// Why it cannot be worked with; nil if it can, or is being connected again.
  package internal(set) var failure: ConnectionFailure?

  /// What was lost, since when, and how often it was tried again.
  struct Loss {
    var since: Instant
    var tries = 0
    var failure: ConnectionFailure
  }

  /// An attempt that was asked for and has not been heard to end.
  struct Asked {
    var attempt: Int
    var isRecovery: Bool
    var cause: HandlerCauseWords?
    /// Whether it was sent, so that it may have been started.
    var isSent = false
    var isTerminated = false
    var isKilled = false
  }

  let machinery: Machinery
  private(set) var connection: Connection?
  var loss: Loss?
  var asked: [NodeID: Asked] = [:]
  var questions: [NodeID: RuntimeCondition] = [:]
  /// What is sent after each new connection of a run, and how far that is.
  var setup: [NearMessage] = []
  var isReady = false
  /// Takes what it says, outside a run.
  var listener: ((FarMessage) -> Void)?
  /// Called when a connection was made or could not be, outside a run.
  var settled: (() -> Void)?
  /// What a run does with it; nil outside a run.
  weak var run: (any FarHostListener)?

  /// Makes a host that is not connected yet.
  package init(
    _ number: Int,
    name: String,
    place: ResolvedHost,
    carrier: Carrier,
    _ bootstrap: Bootstrap,
    _ machinery: Machinery,
    _ pacing: ConnectPacing
  ) {
    self.number = number
    self.name = name
    self.place = place
    self.machinery = machinery
    connection = Connection(carrier, root: place.root, bootstrap, machinery, pacing) {
      [unowned self] in take($0)
    }
  }

  /// The run that a far end may work for already.
  var runName: String? {
    get { connection?.run }
    set { connection?.run = newValue }
  }

  /// Begins to connect.
  func connect() { connection?.connect() }

  /// Sends a message, if there is a connection.
  func send(_ message: NearMessage) {
    if let connection, connection.isOpen { connection.send(message) }
  }

  /// Ends the connection.
  package func close() {
    connection?.close()
    isReady = false
  }

  private func take(_ happening: Connection.Happening) {
    switch happening {
    case .opened(let report):
      if self.report == nil || run == nil { self.report = report }
      if clockSkew == nil { clockSkew = .milliseconds(report.time) - ThisMachine.timeOfDay }
      failure = nil
      if let run { run.opened(self, report) } else { settled?() }
    case .message(let message):
      if let run { run.take(message, from: self) } else { listener?(message) }
    case .failed(let failure):
      isReady = false
      if let run {
        run.lost(self, failure)
      } else {
        self.failure = failure
        settled?()
      }
    }
  }
}

/// What a run does with a host.
protocol FarHostListener: AnyObject {
  /// A connection was made again.
  func opened(_ host: FarHost, _ report: VMReport)
  /// The far end says something.
  func take(_ message: FarMessage, from host: FarHost)
  /// The connection is lost, or could not be made again.
  func lost(_ host: FarHost, _ failure: ConnectionFailure)
}
