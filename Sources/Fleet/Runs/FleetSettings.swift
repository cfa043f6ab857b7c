/// How a run on a fleet deals with connections.
package struct FleetSettings: Sendable {
  /// The run's name.
  package var run: String
  /// Who starts and stops processes, as the command line has it.
  package var supervisor: String
  /// Where the run is coordinated, for people who find it on a VM.
  package var coordinator: String
  /// How long a lost connection is made again before the steps there fail.
  package var reconnectLimit: Duration

  /// The usual limit.
  package static let usualReconnectLimit = Duration.seconds(120)

  /// Makes settings.
  package init(run: String, supervisor: String, coordinator: String, reconnectLimit: Duration) {
    self.run = run
    self.supervisor = supervisor
    self.coordinator = coordinator
    self.reconnectLimit = reconnectLimit
  }
}
