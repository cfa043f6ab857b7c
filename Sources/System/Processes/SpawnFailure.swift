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

  /// Whether the same call may work a moment later: there is no room for a process now, or someone
  /// still has the script open for writing.
  package var mayPass: Bool {
    switch number {
    case EAGAIN, ENOMEM, ETXTBSY, EMFILE, ENFILE: true
    default: false
    }
  }

  /// Whether the cgroup may be the cause: an error of clone3(2), or of open(2) on its folder.
  var isRefusalOfGroup: Bool {
    switch number {
    case EACCES, EBUSY, ENODEV, ENOENT, EOPNOTSUPP, EROFS: true
    default: isRefusalOfCall
    }
  }

  /// Whether clone3(2) is missing or may not be called like this.
  var isRefusalOfCall: Bool {
    switch number {
    case ENOSYS, EPERM, EINVAL: true
    default: false
    }
  }
}
