import CLinux
import Glibc

/// A thread that does one piece of work, and to which no signal is ever delivered.
package struct HelperThread {
  private let thread: pthread_t

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts it.
  ///
  /// - Throws: an error if there is no room for a thread.
  package init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    // The thread inherits the mask.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var made = pthread_t()
    let context = Unmanaged.passRetained(Work(body))
    let result = pthread_create(
      &made,
      nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      },
      context.toOpaque()
    )
    if result != 0 {
      context.release()
      throw SystemError("pthread_create", number: result)
    }
    thread = made
  }

  /// Waits until its work is done.
  package func join() { pthread_join(thread, nil) }

  /// Lets it continue on its own.
  func detach() { pthread_detach(thread) }
}
