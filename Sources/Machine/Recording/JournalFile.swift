import CLinux
import Glibc
package import System

/// A journal's file, open to be appended to.
///
/// What is appended is kept until `flush`, which hands all of it to the kernel in one write(2): what
/// was flushed outlives this process. What is `synced` outlives the machine's losing power; a thread
/// sees to that, and the loop is told how far it has come.
///
/// There is no way back from `failed`: nothing is written from then on, and nothing synced after a
/// sync that failed. What was written before a write failed is still synced.
package final class JournalFile {
  /// How it stands with the file.
  package enum State: Hashable, Sendable {
    /// Everything can be recorded.
    case good
    /// No more space could be had, says this error. What is left, `reserve` bytes less those of the
    /// last flush, is for how that ends which runs; nothing new is to be started.
    case low(SystemError)
    /// A write or a sync has failed, and nothing is recorded any more.
    case failed(SystemError)
  }

  /// What is set aside behind the end of the file at least, in bytes, before it is said to be low.
  package static let reserve = 1 << 18
  /// How much is set aside at once, in bytes.
  package static let chunk = 1 << 20

  /// How it stands with the file.
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
  /// Up to where space has been set aside; nil where the file system does not do that.
  private var reserved: Int?
  private var loop: EventLoop?
  private var watch: WatchToken?

  /// Takes over a file that is opened to append to.
  ///
  /// - Parameters:
  ///   - file: whose contents are on disk.
  ///   - length: how many bytes are in it.
  ///   - path: for errors.
  /// - Throws: `ENOSPC` and the like where there is no space for the first records, and where no
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
  /// Where it cannot be written, whatever of it is no whole record is cut off again.
  ///
  /// - Returns: whether everything that was ever appended has been written.
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

  /// Asks for what was flushed to be on disk.
  ///
  /// - Parameter isUrgent: at once, because something waits for it; else a hundred times a second
  ///   at most.
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

  /// Flushes, and waits until everything is on disk; the loop is told, too.
  ///
  /// - Throws: why something that was appended is not; `state` says so from then on.
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
    // Gives back what was set aside; where that fails it is no loss.
    if reserved != nil { _ = ftruncate(thread.file, off_t(written)) }
    requestSync(isUrgent: true)
    thread.finish()
    takeProgress()
    endWatch()
    // Whoever goes on with it need not wait until this object is gone.
    _ = flock(thread.file, LOCK_UN)
    if case .failed(let error) = state { throw error }
  }

  deinit { endWatch() }

  private func endWatch() {
    if let watch { loop?.cancel(watch) }
    watch = nil
  }

  /// Takes over how far the thread has come; gives why it goes no further.
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
    // Where this fails, what is too much is cut off by whoever goes on with the journal.
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
        // The file system cannot do it (EOPNOTSUPP), or it is no regular file.
        self.reserved = nil
      }
      return
    }
    self.reserved = reserved + length
  }
}
