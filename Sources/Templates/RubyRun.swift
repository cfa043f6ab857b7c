import CLinux
import Glibc
import System

/// One run of a Ruby program whose output is read here: bounded in time and length, and ended with
/// everything that it started when we are asked to stop.
final class RubyRun {
  /// How it ended.
  enum End {
    case ended(ProcessEnd)
    case notExecuted(SpawnFailure)
    case timedOut
    /// By a signal to us.
    case cancelled(Int32)
    /// It wrote more than is read.
    case tooLong
  }

  private let machinery: Machinery
  private var end: End?
  /// Why it was killed, before it has ended.
  private var reason: End?
  private(set) var output: [UInt8] = []
  private(set) var complaints: [UInt8] = []

  /// The most bytes of output that are read.
  static let mostOutput = 1 << 28
  /// The most bytes of standard error that are kept: its first.
  static let mostComplaints = 1 << 16

  /// Prepares it.
  ///
  /// - Throws: an error if the process has no descriptors left.
  init() throws(SystemError) { machinery = try Machinery() }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - ruby: the interpreter.
  ///   - arguments: those after its name.
  ///   - timeout: when it is killed.
  /// - Returns: how it ended.
  /// - Throws: what the system did not let us do.
  func run(
    _ ruby: RubyProgram,
    _ arguments: [String],
    timeout: Duration
  ) throws(SystemError) -> End {
    let signals = try SignalWatch()
    machinery.spawner.noteIgnoredSignals()
    let folder = try Descriptor.folder("/")
    let out = try Pipe()
    let err = try Pipe()
    defer {
      machinery.loop.clear()
      signals.restore()
    }
    let spawned: SpawnedProcess
    do throws(SpawnFailure) {
      spawned = try machinery.spawner.spawn(
        ProgramStart(
          path: ruby.path,
          arguments: CStrings([ruby.path] + arguments),
          environment: CStrings(ruby.environment),
          folder: folder.number,
          stdout: out.writingNumber,
          stderr: err.writingNumber,
          isLowered: false
        )
      )
    } catch {
      return .notExecuted(error)
    }
    let child = ChildProcess(spawned, machinery) { [self] end in
      switch end {
      case .ended(let result): self.end = reason ?? .ended(result)
      case .notExecuted(let failure): self.end = .notExecuted(failure)
      }
    }
    out.closeWriting()
    err.closeWriting()
    func stop(_ why: End) {
      if reason == nil { reason = why }
      child.kill()
    }
    _ = try machinery.loop.watch(signals.number, for: .reading) {
      while let number = signals.next() { stop(.cancelled(number)) }
    }
    _ = machinery.loop.arm(after: timeout) { stop(.timedOut) }
    try follow(out) { [self] in
      output += $0
      if output.count > Self.mostOutput { stop(.tooLong) }
    }
    try follow(err) { [self] in
      complaints += $0.prefix(max(0, Self.mostComplaints - complaints.count))
    }
    do {
      while end == nil { try machinery.loop.turn(mayWait: true) }
    } catch {
      child.abandon()
      throw error
    }
    // The last output of the program itself, not of processes that inherited the pipes and still
    // run.
    output += out.available()
    complaints += err.available().prefix(max(0, Self.mostComplaints - complaints.count))
    guard let end else { preconditionFailure("it has ended") }
    return end
  }

  private func follow(
    _ pipe: Pipe,
    _ take: @escaping ([UInt8]) -> Void
  ) throws(SystemError) {
    var token: WatchToken?
    token = try machinery.loop.watch(pipe.reading.number, for: .reading) { [machinery] in
      let bytes = pipe.chunk()
      if let bytes, !bytes.isEmpty { take(bytes) }
      if bytes == nil, let token { machinery.loop.cancel(token) }
    }
  }
}

/// A pipe that is read without waiting.
private final class Pipe {
  private final class End {
    let descriptor: Descriptor
    init(_ number: Int32) { descriptor = Descriptor(owning: number) }
  }

  let reading: Descriptor
  private var writingEnd: End?

  var writingNumber: Int32 { writingEnd?.descriptor.number ?? -1 }

  init() throws(SystemError) {
    var numbers: [Int32] = [-1, -1]
    guard pipe(&numbers) == 0 else { throw SystemError("pipe", number: errno) }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(numbers[0], F_SETFL, O_NONBLOCK)
    reading = Descriptor(owning: numbers[0])
    writingEnd = End(numbers[1])
  }

  func closeWriting() { writingEnd = nil }

  /// What can be read now, at most 64 KiB; empty if there is nothing yet, nil at the end.
  func chunk() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = bytes.withUnsafeMutableBytes { read(reading.number, $0.baseAddress, $0.count) }
    if count == 0 { return nil }
    if count < 0 { return errno == EAGAIN || errno == EINTR ? [] : nil }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Everything that is available now, at most what a pipe holds.
  func available() -> [UInt8] {
    var bytes: [UInt8] = []
    while let chunk = chunk(), !chunk.isEmpty, bytes.count < 1 << 20 { bytes += chunk }
    return bytes
  }
}
