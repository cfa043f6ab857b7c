import Clock
import Glibc
import System

/// How long the rest of a drain script's output is waited for, once its main process has ended.
struct DrainPatience {
  /// The time until the wait is announced.
  var beforeRemark = Duration.seconds(1)
  /// Since the last output, after a number and the end of its line.
  var behindLine = Duration.seconds(2)
  /// Since the last output, if more digits would change the number, or if the script failed without
  /// one.
  var behindDigits = Duration.seconds(10)
  /// Since the last output, if the script succeeded and there is no number yet.
  var withoutNumber = Duration.seconds(30)
  /// Since the end of the main process.
  var most = Duration.seconds(30)
}
