import CLinux
import Glibc

/// The signals by which people stop a run, taken as events instead of interruptions.
///
/// While it is alive, SIGINT, SIGTERM and SIGHUP are blocked in the thread and read from a
/// signalfd, SIGPIPE is ignored, and SIGCHLD has its default action: if a parent process had left
/// it ignored, the kernel would discard the exit status of every child. `restore` undoes all of it.
/// Existing threads that do not block these signals would receive them, so create it on the main
/// thread before there are others.
package final class SignalWatch {
  private let descriptor: Descriptor
  private var maskBefore = sigset_t()
  private var pipeBefore = sigaction()
  private var childBefore = sigaction()
  private var isRestored = false

  /// Begins to take the signals.
  ///
  /// - Throws: an error if no descriptor is left.
  package init() throws(SystemError) {
    var taken = sigset_t()
    sigemptyset(&taken)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&taken, number) }
    descriptor = try Descriptor(lockstep_signal_descriptor(&taken), "signalfd")
    pthread_sigmask(SIG_BLOCK, &taken, &maskBefore)
    _ = lockstep_signal_ignore(SIGPIPE, &pipeBefore)
    _ = lockstep_signal_default(SIGCHLD, &childBefore)
  }

  /// The descriptor to watch for reading.
  package var number: Int32 { descriptor.number }

  /// The next signal that has come; nil if none is left.
  package func next() -> Int32? {
    let signal = lockstep_signal_read(descriptor.number)
    return signal == 0 ? nil : signal
  }

  /// Restores everything.
  ///
  /// Signals that came and were not read are discarded first, so that they do not act now.
  package func restore() {
    if isRestored { return }
    isRestored = true
    while next() != nil {}
    sigaction(SIGPIPE, &pipeBefore, nil)
    sigaction(SIGCHLD, &childBefore, nil)
    pthread_sigmask(SIG_SETMASK, &maskBefore, nil)
  }

  deinit { restore() }
}
