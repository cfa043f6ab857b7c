import CLinux
import CSpawn
import Glibc

/// A process that could not be started.
package struct SpawnFailure: Error, Hashable {
  /// The error number of clone(2) or execve(2).
  package var number: Int32

  /// Wraps an error number.
  package init(number: Int32) {
    self.number = number
  }

  /// Whether the same may work a moment later: no room for a process now, or somebody still has
  /// the script open for writing.
  package var mayPass: Bool {
    switch number {
    case EAGAIN, ENOMEM, ETXTBSY, EMFILE, ENFILE: true
    default: false
    }
  }

  /// Whether it is the cgroup that cannot be used, or may be so: clone3(2), and open(2) of its folder.
  var isRefusalOfGroup: Bool {
    switch number {
    case EACCES, EBUSY, ENODEV, ENOENT, EOPNOTSUPP, EROFS: true
    default: isRefusalOfCall
    }
  }

  /// Whether clone3(2) is there but may not be called so.
  var isRefusalOfCall: Bool {
    switch number {
    case ENOSYS, EPERM, EINVAL: true
    default: false
    }
  }
}
