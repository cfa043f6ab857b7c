import CLinux
import CSpawn
import Glibc

/// A program to start.
package struct ProgramStart {
  /// The executable's path; a relative one is resolved in `folder`.
  package var path: String
  /// nil for the path alone.
  package var arguments: CStrings?
  /// The whole of it.
  package var environment: CStrings
  /// An open folder to run in.
  package var folder: Int32
  /// An open descriptor above 2; nil for /dev/null.
  package var stdin: Int32?
  /// An open descriptor above 2.
  package var stdout: Int32
  /// An open descriptor above 2.
  package var stderr: Int32
  /// Whether to lower its priority.
  package var isLowered: Bool
  /// The cgroup to start it in; nil for ours.
  package var group: ControlGroup?

  /// Describes what to start, and how.
  package init(
    path: String,
    arguments: CStrings? = nil,
    environment: CStrings,
    folder: Int32,
    stdin: Int32? = nil,
    stdout: Int32,
    stderr: Int32,
    isLowered: Bool,
    group: ControlGroup? = nil
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.folder = folder
    self.stdin = stdin
    self.stdout = stdout
    self.stderr = stderr
    self.isLowered = isLowered
    self.group = group
  }
}
