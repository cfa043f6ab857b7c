import CLinux
import CSpawn
import Glibc

/// A process that has been started; whether it can execute its program may still be open.
package struct SpawnedProcess: ~Copyable {
  /// Its number, which is also its process group's and its session's.
  package let process: Int32
  /// A descriptor of it (pidfd_open(2)); nil where there was none to be had.
  let handle: Descriptor?
  /// To ask with whether it did execute its program, when it has ended; nil where it has for certain.
  let ticket: UInt64?
  /// The cgroup that is its own.
  package var group: ControlGroup?
}
