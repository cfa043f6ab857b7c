import CLinux
import Clock
import Glibc
import System
import Words

/// Puts what was written to a file on disk, in a thread of its own.
///
/// fdatasync(2) takes milliseconds, and the loop has other things to do. Everything written before
/// a sync begins is on disk when it ends, for all requests together. There is no second sync after
/// a failed one: the kernel may have dropped the pages, and a second call would report success
/// (fsync(2), BUGS).
final class SyncThread {
  /// How far it has come.
  struct Progress: Sendable {
    /// So many bytes of the file are on disk.
    var synced: Int
    /// Why there will be no more.
    var failure: SystemError?
  }

  /// The least time between the end of a sync and the start of the next, if none is urgent.
  static let shortestPause = Duration.milliseconds(10)
  /// The longest such time.
  static let longestPause = Duration.milliseconds(250)
  /// How many times as long as a sync the pause after it is.
  ///
  /// On a journalling file system, a sync also writes what others have changed, such as new logs,
  /// and delays them. So syncs should take only a small part of the time.
  static let pauseFactor: Int64 = 15

  private let shared: Shared
  private var thread: HelperThread?

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - file: an open file; closed when both this object and the thread have released it.
  ///   - synced: how many bytes of it are on disk already.
  ///   - path: for errors.
  /// - Throws: an error if no descriptor or thread is left.
  init(
    _ file: consuming Descriptor,
    synced: Int,
    path: String
  ) throws(SystemError) {
    let shared = try Shared(file, synced: synced, path: path)
    self.shared = shared
    thread = try HelperThread { shared.work() }
  }

  deinit { finish() }

  /// The file.
  var file: Int32 { shared.file.number }

  /// A descriptor that can be read once there is progress to look at.
  var news: Int32 { shared.news.number }

  /// Requests that everything up to here is on disk.
  ///
  /// - Parameters:
  ///   - end: how many bytes of the file have been written.
  ///   - isUrgent: whether to sync at once; otherwise a pause after the last sync.
  func request(_ end: Int, isUrgent: Bool) {
    let tells = shared.state.withLock { state in
      // What is written now is taken along, even by a sync that was asked for earlier.
      state.written = end
      guard state.written > state.progress.synced, state.progress.failure == nil else {
        return false
      }
      let before = state.wish
      if before != .urgent { state.wish = isUrgent ? .urgent : .patient }
      return state.wish != before
    }
    if tells { _ = lockstep_event_tell(shared.wake.number) }
  }

  /// How far it has come; takes back that there is news.
  func takeProgress() -> Progress {
    Shared.clear(shared.news.number)
    return shared.state.withLock { $0.progress }
  }

  /// Makes the loop look, for news that is not the thread's.
  func tellNews() { _ = lockstep_event_tell(shared.news.number) }

  /// Does the requested syncs, ends the thread and waits for it.
  func finish() {
    guard let thread else { return }
    self.thread = nil
    shared.state.withLock { $0.isClosing = true }
    _ = lockstep_event_tell(shared.wake.number)
    thread.join()
  }
}

/// What the thread and its owner share.
private final class Shared: Sendable {
  enum Wish {
    case none, patient, urgent
  }

  struct State {
    var progress: SyncThread.Progress
    var written: Int
    var wish = Wish.none
    var isClosing = false
  }

  let file: Descriptor
  /// Signalled when there is something to do.
  let wake: Descriptor
  /// Signalled when something was done.
  let news: Descriptor
  let path: String
  let state: Locked<State>

  init(_ file: consuming Descriptor, synced: Int, path: String) throws(SystemError) {
    wake = try Descriptor(lockstep_event_create(), "eventfd")
    news = try Descriptor(lockstep_event_create(), "eventfd")
    self.file = file
    self.path = path
    state = Locked(State(progress: SyncThread.Progress(synced: synced), written: synced))
  }

  static func clear(_ event: Int32) {
    var count: UInt64 = 0
    _ = read(event, &count, MemoryLayout<UInt64>.size)
  }

  private func wait(_ milliseconds: Int32) {
    var descriptor = pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0)
    // Whatever it returns, the state is checked again.
    _ = poll(&descriptor, 1, milliseconds)
    Self.clear(wake.number)
  }

  /// The thread.
  func work() {
    var next = Instant(nanoseconds: 0)
    while true {
      let (wish, isClosing) = state.withLock { ($0.wish, $0.isClosing) }
      if wish == .none {
        if isClosing { return }
        wait(-1)
        continue
      }
      let now = Instant.now
      if wish == .patient, !isClosing, now < next {
        wait(Int32(truncatingIfNeeded: (next - now).nanoseconds / 1_000_000 + 1))
        continue
      }
      sync()
      let end = Instant.now
      let pause = Duration.nanoseconds((end - now).nanoseconds * SyncThread.pauseFactor)
      next = end + min(max(pause, SyncThread.shortestPause), SyncThread.longestPause)
      _ = lockstep_event_tell(news.number)
    }
  }

  private func sync() {
    let end = state.withLock { state in
      state.wish = .none
      return state.written
    }
    var result = fdatasync(file.number)
    while result != 0, errno == EINTR { result = fdatasync(file.number) }
    let number = errno
    state.withLock { state in
      if result == 0 {
        state.progress.synced = end
      } else {
        state.progress.failure = SystemError("sync \(path)", number: number)
        state.wish = .none
      }
    }
  }
}
