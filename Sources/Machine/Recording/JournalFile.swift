import CLinux
import Glibc
package import System

/// A journal's file, open to be appended to.
///
/// Appended bytes are kept until `flush`, which hands all of them to the kernel in one write(2):
/// flushed bytes outlive this process. `synced` bytes outlive a power failure; a thread syncs them
/// and reports its progress to the loop.
///
/// `failed` is final: nothing is written from then on, and nothing is synced after a failed sync.
/// What was written before a failed write is still synced.
package final class JournalFile {
  /// The state of the file.
  package enum State: Hashable, Sendable {
    /// Everything can be recorded.
    case good
    /// There is no more space; this error says why. What is left, `reserve` bytes minus those of
    /// the last flush, is for recording how running steps end. Nothing new may be started.
    case low(SystemError)
    /// A write or a sync has failed, and nothing is recorded any more.
    case failed(SystemError)
  }

  /// The least space set aside after the end of the file, in bytes; below this its state is low.
  package static let reserve = 1 << 18
  /// How much is set aside at a time, in bytes.
  package static let chunk = 1 << 20

  /// The state of the file.
  package private(set) var state = State.good
  /// Where the last appended record ends; it may not have been flushed yet.
  package var end: Int { written + buffer.count }
  /// How many bytes of the file are on disk.
  package private(set) var synced: Int

  private let path: String
  private let thread: SyncThread
  private var buffer: [UInt8] = []
  /// How many bytes have been written.
  private var written: Int
  /// The end of the space that is set aside; nil if the file system cannot do that.
  private var reserved: Int?
  private var loop: EventLoop?
  private var watch: WatchToken?

  /// Takes over a file that is open for appending.
  ///
  /// - Parameters:
  ///   - file: one whose contents are on disk.
  ///   - length: its length in bytes.
  ///   - path: for errors.
  /// - Throws: `ENOSPC` and the like if there is no space for the first records, or an error if no
  ///   descriptor or thread is left.
  init(_ file: consuming Descriptor, length: Int, path: String) throws(SystemError) {
    self.path = path
    written = length
    synced = length
    reserved = length
    thread = try SyncThread(file, synced: length, path: path)
    reserve(0)
    if case .low(let error) = state { throw error }
  }

  /// Appends records, for the next `flush`.
  ///
  /// - Parameter write: appends whole records, each with its line feed, and does nothing else with
  ///   the buffer.
  package func append(_ write: (inout [UInt8]) -> Void) {
    if case .failed = state { return }
    write(&buffer)
  }

  /// Writes what was appended.
  ///
  /// If that fails, an incomplete record is cut off again.
  ///
  /// - Returns: whether everything appended so far has been written.
  @discardableResult
  package func flush() -> Bool {
    if case .failed = state { return false }
    if buffer.isEmpty { return true }
    reserve(buffer.count)
    var count = 0
    while count < buffer.count {
      let result = buffer.withUnsafeBytes { bytes in
        write(thread.file, bytes.baseAddress.map { $0 + count }, bytes.count - count)
      }
      if result > 0 {
        count += result
      } else if result == 0 || errno != EINTR {
        fail(after: count, number: result == 0 ? EIO : errno)
        return false
      }
    }
    written += count
    buffer.removeAll(keepingCapacity: buffer.capacity <= Self.chunk)
    return true
  }

  /// Requests a sync of what was flushed.
  ///
  /// - Parameter isUrgent: whether to sync at once, because something waits for it; otherwise at
  ///   most a hundred times a second.
  package func requestSync(isUrgent: Bool) { thread.request(written, isUrgent: isUrgent) }

  /// Calls `changed` from the loop when `synced` or `state` has changed, until `close`.
  ///
  /// - Throws: as `EventLoop.watch`.
  func watch(on loop: EventLoop, _ changed: @escaping () -> Void) throws(SystemError) {
    endWatch()
    self.loop = loop
    watch = try loop.watch(thread.news, for: .reading) { [unowned self] in
      takeProgress()
      changed()
    }
  }

  /// Flushes, and waits until everything is on disk.
  ///
  /// The loop is notified, too.
  ///
  /// - Throws: why something appended is not on disk; `state` says so from then on.
  package func sync() throws(SystemError) {
    flush()
    requestSync(isUrgent: true)
    while takeProgress() == nil, synced < written {
      var news = pollfd(fd: thread.news, events: Int16(POLLIN), revents: 0)
      _ = poll(&news, 1, -1)
    }
    thread.tellNews()
    if case .failed(let error) = state { throw error }
  }

  /// Flushes, and waits until everything is on disk; nothing may be appended afterwards.
  ///
  /// - Throws: why something that was appended at any time is not on disk.
  package func close() throws(SystemError) {
    flush()
    // Gives back the space that was set aside. A failure does no harm.
    if reserved != nil { _ = ftruncate(thread.file, off_t(written)) }
    requestSync(isUrgent: true)
    thread.finish()
    takeProgress()
    endWatch()
    // The next writer need not wait until this object is gone.
    _ = flock(thread.file, LOCK_UN)
    if case .failed(let error) = state { throw error }
  }

  deinit { endWatch() }

  private func endWatch() {
    if let watch { loop?.cancel(watch) }
    watch = nil
  }

  /// Takes over the thread's progress; returns why it stopped, if it did.
  @discardableResult
  private func takeProgress() -> SystemError? {
    let progress = thread.takeProgress()
    synced = progress.synced
    if let failure = progress.failure {
      // A write that failed before comes first.
      if case .failed = state {} else { state = .failed(failure) }
      buffer.removeAll()
    }
    return progress.failure
  }

  private func fail(after count: Int, number: Int32) {
    state = .failed(SystemError("write \(path)", number: number))
    let line = buffer[..<count].lastIndex(of: UInt8(ascii: "\n"))
    let whole = line.map { $0 + 1 } ?? 0
    // If this fails, the next writer of the journal cuts off the excess.
    if whole < count { _ = ftruncate(thread.file, off_t(written + whole)) }
    written += whole
    buffer.removeAll()
    requestSync(isUrgent: true)
    thread.tellNews()
  }

  /// Sets space aside for `count` bytes and what comes after them.
  private func reserve(_ count: Int) {
    guard let reserved, case .good = state else { return }
    let missing = written + count + Self.reserve - reserved
    if missing <= 0 { return }
    let length = (missing / Self.chunk + 1) * Self.chunk
    while lockstep_reserve(thread.file, off_t(reserved), off_t(length)) != 0 {
      switch errno {
      case EINTR: continue
      case ENOSPC, EDQUOT, EFBIG:
        state = .low(SystemError("set space aside for \(path)", number: errno))
        thread.tellNews()
      default:
        // The file system cannot do it (EOPNOTSUPP), or it is not a regular file.
        self.reserved = nil
      }
      return
    }
    self.reserved = reserved + length
  }
}
