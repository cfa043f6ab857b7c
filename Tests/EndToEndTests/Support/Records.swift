import Glibc
import Testing

extension TestVM {
  /// The names of the runs that are recorded in the usual place, oldest first.
  var runs: [String] { FileTree.names("\(path)/data/lockstep/runs") }

  /// The text of a run's journal; of the last run if none is named.
  func journal(_ run: String? = nil) -> String {
    sandbox.text("\(name)/data/lockstep/runs/\(run ?? runs.last ?? "none")/journal") ?? ""
  }

  /// A line for a script that reports that it runs, and waits until it is released.
  func waiting(_ arrived: Fifo, _ go: Fifo) -> String {
    "echo here > '\(arrived.path)'; read line < '\(go.path)'"
  }
}

extension RunningCommand {
  /// Kills only this process, without any warning.
  func crash(_ location: SourceLocation = #_sourceLocation) throws {
    try signal(SIGKILL)
    let finished = try finish(location)
    #expect(finished.status == .signalled(SIGKILL), finished.shown, sourceLocation: location)
  }
}

extension Sandbox {
  /// Kills everything that works in this folder, like a power cut.
  func killEverything(_ location: SourceLocation = #_sourceLocation) {
    for survivor in survivors() { kill(survivor.identifier, SIGKILL) }
    expectNoSurvivors(location)
  }
}
