import Clock
import Glibc
import System
import Words

/// How one attempt is to be held.
package struct HolderStart {
  /// The program to be the holder.
  var program: String
  var record: HeldCommandRecord
  /// After which the holder ends the command, should nobody else have; nil for never.
  var timeout: Duration?
  /// Between its TERM and its KILL.
  var grace: Duration
  /// The cgroup that the command is to be in; nil for the holder's own.
  var group: String?

  /// How much later than ours the holder's timeout is: it is for when we are gone.
  private static let margin = Duration.seconds(1)

  /// The holder's arguments; `holder_take_over` tells what they are.
  func arguments(nice: Int32, path: String, _ vector: [String]) -> [String] {
    let time = timeout.map { Instant(nanoseconds: $0.nanoseconds) + Self.margin }
    return [
      "lockstep", "hold", record.folder, record.name, "\(time?.nanoseconds ?? 0)",
      "\(max(grace.nanoseconds, 0))", "\(nice)", group ?? "-", path,
    ] + vector
  }
}
