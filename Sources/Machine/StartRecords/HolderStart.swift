import Clock
import Glibc
import System
import Words

/// How one attempt is held.
package struct HolderStart {
  /// The program that becomes the holder.
  var program: String
  var record: HeldCommandRecord
  /// After this time the holder ends the command, if no one else has; nil for never.
  var timeout: Duration?
  /// Between its TERM and its KILL.
  var grace: Duration
  /// The cgroup for the command; nil for the holder's own.
  var group: String?

  /// How much later than ours the holder's timeout is: it only matters when we are gone.
  private static let margin = Duration.seconds(1)

  /// The holder's arguments, as described at `holder_take_over`.
  func arguments(nice: Int32, path: String, _ vector: [String]) -> [String] {
    let time = timeout.map { Instant(nanoseconds: $0.nanoseconds) + Self.margin }
    return [
      "lockstep", "hold", record.folder, record.name, "\(time?.nanoseconds ?? 0)",
      "\(max(grace.nanoseconds, 0))", "\(nice)", group ?? "-", path,
    ] + vector
  }
}
