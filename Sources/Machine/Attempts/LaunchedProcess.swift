import Clock
import Execution
import Glibc
import System
import VM

/// A process that was started for an attempt.
struct LaunchedProcess: ~Copyable {
  var spawned: SpawnedProcess
  /// Its program, for the message if it cannot be executed.
  var path: String
  /// The open folder that a relative path begins in.
  var folder: Int32
}
