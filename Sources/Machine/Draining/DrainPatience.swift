import Clock
import Glibc
import System

/// How long the rest of a drain script's output is waited for, once its main process has ended.
struct DrainPatience {
  /// Until people are told that it is waited for.
  var beforeRemark = Duration.seconds(1)
  /// Since the last output, behind a number and the end of its line.
  var behindLine = Duration.seconds(2)
  /// Since the last output, where more digits would make another number of it, or where the script has
  /// failed without one.
  var behindDigits = Duration.seconds(10)
  /// Since the last output, where the script has succeeded and there is no number yet.
  var withoutNumber = Duration.seconds(30)
  /// Since the end of the main process.
  var most = Duration.seconds(30)
}
