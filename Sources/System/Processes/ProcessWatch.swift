import CLinux
import Clock
import Glibc

/// Reports when a process ends, which need not be our child.
package final class ProcessWatch {
  /// The process whose end it reports.
  let identity: ProcessIdentity
  private let loop: EventLoop
  private let gone: () -> Void
  private var handle: Descriptor?
  private var watch: WatchToken?
  private var timer: TimerToken?

  /// How often it is checked if there is no descriptor for it.
  private static let pause = Duration.milliseconds(100)

  /// Begins to watch.
  ///
  /// - Parameters:
  ///   - identity: the process; if it has already ended, this is reported in the next turn.
  ///   - loop: the loop.
  ///   - gone: called once, from the loop, unless cancelled.
  package init(_ identity: ProcessIdentity, on loop: EventLoop, gone: @escaping () -> Void) {
    self.identity = identity
    self.loop = loop
    self.gone = gone
    let number = lockstep_pidfd_open(identity.process)
    if number >= 0 {
      // Only now it is certain that no other process can get the number unnoticed.
      let descriptor = Descriptor(owning: number)
      if isThere, let token = try? loop.watch(number, for: .reading, { [self] in finish() }) {
        handle = consume descriptor
        watch = token
        return
      }
    }
    timer = loop.arm(at: .now) { [self] in check() }
  }

  /// Sends a signal to the process, and never to another that got its number.
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

  private func check() {
    if !isThere { return finish() }
    timer = loop.arm(after: Self.pause) { [self] in check() }
  }

  private func finish() {
    cancel()
    gone()
  }
}
