import CLinux
package import Clock
import Glibc

/// A descriptor that is being watched; cancelling it twice does nothing.
package struct WatchToken: Hashable, Sendable {
  fileprivate var slot: UInt32
  fileprivate var generation: UInt32
}

/// One thread's wait for everything that can happen to it: readable descriptors and timers.
///
/// epoll(7) with a timerfd for the soonest timer. Closures are called for what happens, only from
/// `turn` and never from inside another call of the loop.
package final class EventLoop {
  private struct Slot {
    var generation: UInt32 = 0
    var descriptor: Int32 = -1
    var ready: (() -> Void)?
  }

  private let epoll: Descriptor
  private let timer: Descriptor
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private var timers = TimerQueue()
  /// When the timerfd fires: never later than the soonest timer.
  private var alarm: Instant?
  private var batch = [epoll_event](repeating: epoll_event(), count: 64)

  private static let timerKey = UInt64.max

  /// Makes a loop that watches nothing yet.
  ///
  /// - Throws: an error if the process has no descriptors left.
  package init() throws(SystemError) {
    epoll = try Descriptor(lockstep_epoll_create(), "epoll_create1")
    timer = try Descriptor(lockstep_timer_create(), "timerfd_create")
    if lockstep_epoll_add(epoll.number, timer.number, lockstep_EPOLLIN, Self.timerKey) != 0 {
      throw SystemError("epoll_ctl", number: errno)
    }
  }

  /// What a descriptor is watched for.
  package enum Interest {
    case reading, writing

    fileprivate var events: UInt32 {
      switch self {
      case .reading: lockstep_EPOLLIN
      case .writing: lockstep_EPOLLOUT
      }
    }
  }

  /// Calls `ready` at each turn in which the descriptor can be read or written, or has an error,
  /// until the watch is cancelled.
  ///
  /// - Throws: what epoll_ctl(2) says, such as `ENOSPC` at the user's limit of watches.
  package func watch(
    _ descriptor: Int32,
    for interest: Interest,
    _ ready: @escaping () -> Void
  ) throws(SystemError) -> WatchToken {
    let slot = freeSlots.last ?? UInt32(slots.count)
    if slot == slots.count { slots.append(Slot()) } else { freeSlots.removeLast() }
    let generation = slots[Int(slot)].generation
    let key = UInt64(generation) << 32 | UInt64(slot)
    if lockstep_epoll_add(epoll.number, descriptor, interest.events, key) != 0 {
      let number = errno
      freeSlots.append(slot)
      throw SystemError("epoll_ctl", number: number)
    }
    slots[Int(slot)].descriptor = descriptor
    slots[Int(slot)].ready = ready
    return WatchToken(slot: slot, generation: generation)
  }

  /// Ends a watch; must come before its descriptor is closed.
  ///
  /// - Parameters:
  ///   - token: the watch.
  ///   - isClosing: whether the caller closes the descriptor now and no one else has it open, not
  ///     even a child: closing then removes it from epoll(7).
  package func cancel(_ token: WatchToken, isClosing: Bool = false) {
    let index = Int(token.slot)
    guard slots[index].generation == token.generation, slots[index].ready != nil else { return }
    if !isClosing { _ = lockstep_epoll_remove(epoll.number, slots[index].descriptor) }
    slots[index].ready = nil
    slots[index].descriptor = -1
    // A later event of this batch for the old watch has the old generation.
    slots[index].generation &+= 1
    freeSlots.append(token.slot)
  }

  /// Calls `fire` once at the moment, or in the next turn if that has passed.
  package func arm(at moment: Instant, _ fire: @escaping () -> Void) -> TimerToken {
    timers.arm(at: moment, fire)
  }

  /// Calls `fire` once after this long.
  package func arm(after duration: Duration, _ fire: @escaping () -> Void) -> TimerToken {
    timers.arm(at: Instant.now + duration, fire)
  }

  /// Forgets a timer.
  package func disarm(_ token: TimerToken) { timers.disarm(token) }

  /// Ends every watch and timer, and releases their closures.
  package func clear() {
    for slot in slots.indices where slots[slot].ready != nil {
      cancel(WatchToken(slot: UInt32(slot), generation: slots[slot].generation))
    }
    timers = TimerQueue(after: timers)
  }

  /// Waits until something happens and calls its closure.
  ///
  /// - Parameter mayWait: whether to wait; otherwise only what has already happened is handled.
  /// - Throws: what epoll_wait(2) says; an interruption by a signal is not an error.
  package func turn(mayWait: Bool) throws(SystemError) {
    setAlarm()
    let count = batch.withUnsafeMutableBufferPointer { buffer in
      epoll_wait(epoll.number, buffer.baseAddress, Int32(buffer.count), mayWait ? -1 : 0)
    }
    if count < 0 {
      if errno == EINTR { return }
      throw SystemError("epoll_wait", number: errno)
    }
    var alarmRang = false
    for index in 0..<Int(count) {
      let key = batch[index].data.u64
      if key == Self.timerKey {
        alarmRang = true
        continue
      }
      let slot = Int(truncatingIfNeeded: key & 0xFFFF_FFFF)
      if slots[slot].generation == UInt32(truncatingIfNeeded: key >> 32) { slots[slot].ready?() }
    }
    if alarmRang { ring() }
  }

  /// Sets the timerfd if a timer is sooner than what it is set for.
  ///
  /// A disarmed timer costs an unnecessary turn, instead of a call for each timer.
  private func setAlarm() {
    guard let soonest = timers.soonest() else { return }
    if let alarm, alarm <= soonest { return }
    // 0 would disarm.
    _ = lockstep_timer_set(timer.number, max(soonest.nanoseconds, 1))
    alarm = soonest
  }

  private func ring() {
    var expirations: UInt64 = 0
    _ = read(timer.number, &expirations, MemoryLayout<UInt64>.size)
    alarm = nil
    // Only those due at this moment: a timer that arms another for now must not keep the loop here.
    let now = Instant.now
    while let fire = timers.next(at: now) { fire() }
  }
}
