import CLinux
import Glibc

/// What a process writes to a pipe, for us to read.
///
/// At most a limit is kept: a process that writes more loses its reader, as with `| head`. Its
/// owner decides whether to wait for the end of the output, or to take what is there when the
/// process ends, because other processes may hold the pipe as well.
package final class CapturedOutput {
  /// What has been read so far.
  package private(set) var bytes: [UInt8] = []
  /// Whether there was more than the limit.
  package private(set) var isTooLong = false
  /// Whether nothing more can come: everyone has closed it, it was too long, or reading has
  /// stopped.
  package var isAtEnd: Bool { reader == nil }
  /// Called after something has been read, or the end has been found.
  package var changed: (() -> Void)?

  private let limit: Int
  private let loop: EventLoop
  private let copy: Copy?
  private var reader: Descriptor?
  private var watch: WatchToken?

  /// A class, because the collection that is an optional cannot lend a noncopyable value.
  private final class Copy {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  /// A pipe whose other end we read.
  package struct Pipe: ~Copyable {
    /// For the process.
    package let writer: Descriptor
    package let output: CapturedOutput
  }

  /// Makes a pipe and begins to read from it.
  ///
  /// - Parameters:
  ///   - limit: how many bytes are kept at most.
  ///   - log: a file that also gets everything that is kept, as far as it can be written; nil for
  ///     none.
  ///   - loop: the loop.
  /// - Returns: the pipe.
  /// - Throws: an error if there are no descriptors left.
  package static func pipe(
    limit: Int,
    copiedTo log: consuming Descriptor?,
    on loop: EventLoop
  ) throws(SystemError) -> Pipe {
    var reader: Int32 = -1
    var writer: Int32 = -1
    if lockstep_pipe(&reader, &writer) != 0 { throw SystemError("pipe", number: errno) }
    let end = Descriptor(owning: writer)
    let output = try CapturedOutput(
      Descriptor(owning: reader),
      limit: limit,
      copiedTo: log,
      on: loop
    )
    return Pipe(writer: end, output: output)
  }

  private init(
    _ reader: consuming Descriptor,
    limit: Int,
    copiedTo log: consuming Descriptor?,
    on loop: EventLoop
  ) throws(SystemError) {
    self.limit = limit
    self.loop = loop
    if let log { copy = Copy(log) } else { copy = nil }
    let number = reader.number
    if fcntl(number, F_SETFL, O_NONBLOCK) != 0 { throw SystemError("pipe", number: errno) }
    self.reader = consume reader
    watch = try loop.watch(number, for: .reading) { [self] in
      readNow()
      changed?()
    }
  }

  /// Reads what is there now; later output is read as well.
  package func readNow() {
    if reader != nil, !take() { stopReading() }
  }

  /// The other processes that have the pipe open; none once reading has stopped.
  package var holders: PipeHolders? {
    guard let number = reader?.number else { return nil }
    return PipeHolders(of: number)
  }

  /// Reads what is there now and nothing after it: for when the process is over.
  package func finish() {
    if reader != nil { _ = take() }
    close()
  }

  /// Stops reading and reports nothing.
  package func close() {
    changed = nil
    stopReading()
  }

  private func stopReading() {
    if let watch { loop.cancel(watch) }
    watch = nil
    reader = nil
  }

  /// Reads what is there; false at its end, or if there is too much.
  private func take() -> Bool {
    guard let number = reader?.number else { return false }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      if count == 0 { return false }
      let part = buffer[..<min(count, limit - bytes.count)]
      bytes += part
      write(part)
      if part.count < count {
        isTooLong = true
        return false
      }
    }
  }

  private func write(_ part: ArraySlice<UInt8>) {
    guard let copy else { return }
    var rest = part
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.write(copy.descriptor.number, $0.baseAddress, $0.count)
      }
      // A full disk is no reason to drop a good reply.
      if count < 0, errno != EINTR { return }
      rest = rest.dropFirst(max(count, 0))
    }
  }
}
