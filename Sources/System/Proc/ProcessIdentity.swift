import Glibc

/// A running process, distinguished from any later one with the same number.
package struct ProcessIdentity: Hashable, Sendable {
  package var process: Int32
  /// Clock ticks since boot.
  package var startTime: UInt64

  /// Names a process by its number and the start time in clock ticks since boot.
  package init(process: Int32, startTime: UInt64) {
    self.process = process
    self.startTime = startTime
  }
}
