import Clock
import Execution
import Glibc
import System
import VM

/// Why a process was not started.
enum LaunchFailure: Error {
  /// Something was missing that may be available a moment later; one line for people.
  case mayPass(String)
  /// No descriptor was free, and our own children hold most of them; one line for people.
  case noDescriptor(String)
  /// One line for people: what is wrong and what to do.
  case refused(String)
}

extension Machinery {
  /// What an error number from opening something means for a start.
  ///
  /// If descriptors ran out and the limit can be raised, it is raised.
  func shortage(_ number: Int32, _ what: String) -> LaunchFailure {
    let words = "\(what): \(SystemError.words(number))"
    switch number {
    case EMFILE:
      _ = spawner.raiseDescriptorLimit()
      return .noDescriptor(words)
    case ENFILE, ENOMEM, EAGAIN, EINTR: return .mayPass(words)
    default: return .refused(words)
    }
  }
}

extension SpawnFailure {
  /// What it means for the start of a program, which is at `path` in `folder`.
  func launchFailure(_ path: String, in folder: Int32) -> LaunchFailure {
    let words = words(path, in: folder)
    return mayPass ? .mayPass(words) : .refused(words)
  }
}
