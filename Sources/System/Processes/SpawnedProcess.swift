import CLinux
import CSpawn
import Glibc

/// A process that has been started; it may still be unknown whether it can execute its program.
package struct SpawnedProcess: ~Copyable {
  /// Its number, which is also its process group's and its session's.
  package let process: Int32
  /// A descriptor of it (pidfd_open(2)); nil if none was available.
  let handle: Descriptor?
  /// For asking, when it has ended, whether it executed its program; nil if it certainly did.
  let ticket: UInt64?
  /// The cgroup that is its own.
  package var group: ControlGroup?
}
