import CLinux
import Clock
import Glibc

/// Tells when a process ends that need not be a child of this one.
package final class ProcessWatch {
  /// Whose end it tells.
  let identity: ProcessIdentity
  private let loop: EventLoop
  private let gone: () -> Void
  private var handle: Descriptor?
  private var watch: WatchToken?
  private var timer: TimerToken?

  /// How often it is looked at where there is no descriptor for it.
  private static let pause = Duration.milliseconds(100)

  /// Begins to watch.
  ///
  /// - Parameters:
  ///   - identity: the process; where it has ended already, that is told in the next turn.
  ///   - loop: the loop.
  ///   - gone: called once, from the loop, unless cancelled.
  package init(_ identity: ProcessIdentity, on loop: EventLoop, gone: @escaping () -> Void) {
    self.identity = identity
    self.loop = loop
    self.gone = gone
    let number = lockstep_pidfd_open(identity.process)
    if number >= 0 {
      // Only now is it certain that no other process can get the number unnoticed.
      let descriptor = Descriptor(owning: number)
      if isThere, let token = try? loop.watch(number, for: .reading, { [self] in finish() }) {
        handle = consume descriptor
        watch = token
        return
      }
    }
    timer = loop.arm(at: .now) { [self] in look() }
  }

  /// Sends a signal to the process, and to no other that got its number.
  package func signal(_ number: Int32) {
    if let handle = handle?.number {
      _ = lockstep_pidfd_signal(handle, number)
    } else if isThere {
      _ = Glibc.kill(identity.process, number)
    }
  }

  /// Stops watching.
  package func cancel() {
    if let watch { loop.cancel(watch) }
    if let timer { loop.disarm(timer) }
    watch = nil
    timer = nil
    handle = nil
  }

  private var isThere: Bool {
    guard let stat = ProcessStat(identity.process) else { return false }
    return stat.startTime == identity.startTime && !stat.isDead
  }

  private func look() {
    if !isThere { return finish() }
    timer = loop.arm(after: Self.pause) { [self] in look() }
  }

  private func finish() {
    cancel()
    gone()
  }
}
