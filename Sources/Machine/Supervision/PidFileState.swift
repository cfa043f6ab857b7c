import CLinux
import Glibc
import System
import VM
import Words

/// What a pid file says about a process now.
enum PidFileState: Hashable {
  case running(ProcessIdentity)
  /// It names no running process, does not exist, or says nothing yet; why, for people.
  case notRunning(String)
  /// It names a process that runs and is not the service; why, for people.
  case another(String)
  /// What it names or is cannot be used; why, for people.
  case unusable(String)
}

extension PidFileState {
  /// Why the service does not run; nil if it does.
  var reason: String? {
    switch self {
    case .running: nil
    case .notRunning(let reason), .another(let reason), .unusable(let reason): reason
    }
  }
}

extension PidFileState: Error {}
