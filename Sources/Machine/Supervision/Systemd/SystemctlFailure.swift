import Execution
import Glibc
import System
import VM

/// Why a call of `systemctl` failed; one line for people.
enum SystemctlFailure: Error, Hashable {
  /// systemd could not be reached, or no longer: it may or may not have done what was requested.
  case lost(String)
  case refused(String)

  /// How calls fail while systemd re-executes itself; the end of a line.
  private static let losses = [
    "Connection reset by peer", "Connection refused", "Connection timed out", "Broken pipe",
    "Transport endpoint is not connected", "Remote peer disconnected",
    "Message recipient disconnected from message bus without replying",
    "D-Bus connection terminated.",
  ]

  /// Reads what it said.
  init(_ words: String, saying text: String) {
    let lines = text.split(separator: "\n")
    // Warnings come first, and are not what it failed for.
    let line = lines.first { !$0.hasPrefix("Warning: ") } ?? lines.first
    let whole = words + (line.map { ": \($0.prefix(300))" } ?? "")
    let isLost = lines.contains { line in Self.losses.contains { line.hasSuffix($0) } }
    self = isLost ? .lost(whole) : .refused(whole)
  }
}
