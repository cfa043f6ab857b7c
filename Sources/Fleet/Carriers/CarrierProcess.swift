import CLinux
import Execution
import Glibc
import System
import Wire
import Words

/// A running carrier, with its standard input and output in our hands.
///
/// Everything is reported from the loop. Nothing waits: what it does not take yet is kept.
final class CarrierProcess {
  /// What happens to it.
  enum Happening {
    /// Some of its output.
    case output([UInt8])
    /// Everything that was to be sent has been taken.
    case drained
    /// Its output is over, or it could not be started; why, in words.
    case ended(String)
  }

  private let machinery: Machinery
  private let completion: Completion<String>
  private let report: (Happening) -> Void
  private var child: ChildProcess?
  private var input: Pipe?
  private var output: Pipe?
  private var errors: Pipe?
  private var pending: [UInt8] = []
  private var sent = 0
  /// The last of what it wrote to its standard error.
  private var complaint: [UInt8] = []
  private var end: String?

  private static let mostComplaint = 4096
  /// More than anyone should have to keep for a peer that takes nothing.
  static let mostPending = 32 << 20

  /// One of our ends of its pipes.
  private final class Pipe {
    let descriptor: Descriptor
    var watch: WatchToken?
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }

  /// A new pipe.
  private struct DescriptorPipe: ~Copyable {
    let reader: Descriptor
    let writer: Descriptor

    init() throws(SystemError) {
      var (reader, writer): (Int32, Int32) = (-1, -1)
      if lockstep_pipe(&reader, &writer) != 0 { throw SystemError("pipe", number: errno) }
      self.reader = Descriptor(owning: reader)
      self.writer = Descriptor(owning: writer)
    }
  }

  /// Starts it.
  ///
  /// - Parameters:
  ///   - vector: what to execute; the program is looked for in our own PATH.
  ///   - machinery: the loop.
  ///   - report: takes what happens; `ended` at most once, and last.
  /// - Throws: why it was not started.
  init(
    _ vector: [String],
    _ machinery: Machinery,
    report: @escaping (Happening) -> Void
  ) throws(WireFailure) {
    self.machinery = machinery
    self.report = report
    completion = Completion { report(.ended($0)) }
    let path = ProcessEnvironment.value("PATH") ?? ProgramSearch.searchPath
    guard let program = ProgramSearch.find(vector[0], in: path) else {
      throw WireFailure("\(quoted(vector[0])) is not in PATH; install it, or give its full path")
    }
    do throws(SystemError) {
      try start(program, vector)
    } catch {
      throw WireFailure("\(error)")
    }
  }

  private func start(_ program: String, _ vector: [String]) throws(SystemError) {
    let standardInput = try DescriptorPipe()
    let standardOutput = try DescriptorPipe()
    let standardError = try DescriptorPipe()
    let input = Pipe(standardInput.writer)
    let output = Pipe(standardOutput.reader)
    let errors = Pipe(standardError.reader)
    for pipe in [input, output, errors] {
      _ = fcntl(pipe.descriptor.number, F_SETFL, O_NONBLOCK)
    }
    let folder = try Descriptor.folder(".")
    let spawned: SpawnedProcess
    do {
      spawned = try machinery.spawner.spawn(
        ProgramStart(
          path: program,
          arguments: CStrings(vector),
          environment: CStrings(ProcessEnvironment.own),
          folder: folder.number,
          stdin: standardInput.reader.number,
          stdout: standardOutput.writer.number,
          stderr: standardError.writer.number,
          isLowered: false
        )
      )
    } catch {
      throw SystemError("execute \(program)", number: error.number)
    }
    (self.input, self.output, self.errors) = (input, output, errors)
    output.watch = try machinery.loop.watch(output.descriptor.number, for: .reading) { [self] in
      read()
    }
    errors.watch = try machinery.loop.watch(errors.descriptor.number, for: .reading) { [self] in
      readErrors()
    }
    child = ChildProcess(spawned, machinery) { [self] in ended($0) }
  }

  // MARK: Sending

  /// Whether it has taken everything that was sent.
  var isIdle: Bool { input != nil && sent == pending.count }

  /// Sends bytes; they are kept until it takes them.
  func send(_ bytes: [UInt8]) {
    guard input != nil else { return }
    if sent == pending.count {
      pending = bytes
      sent = 0
    } else {
      pending += bytes
    }
    if pending.count - sent > Self.mostPending {
      end = "it takes nothing of what is sent"
      return kill()
    }
    write()
  }

  private func write() {
    guard let input else { return }
    while sent < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        Glibc.write(
          input.descriptor.number,
          bytes.baseAddress.map { $0 + sent },
          bytes.count - sent
        )
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN { return watchInput(input) }
        // Its end is reported when its output is over.
        return closeInput()
      }
      sent += count
    }
    pending.removeAll(keepingCapacity: pending.count <= 1 << 16)
    sent = 0
    if let watch = input.watch {
      machinery.loop.cancel(watch)
      input.watch = nil
      report(.drained)
    }
  }

  private func watchInput(_ input: Pipe) {
    if input.watch != nil { return }
    input.watch = try? machinery.loop.watch(input.descriptor.number, for: .writing) { [self] in
      write()
    }
  }

  private func closeInput() {
    if let watch = input?.watch { machinery.loop.cancel(watch) }
    input = nil
    pending = []
    sent = 0
  }

  // MARK: Receiving

  private func read() {
    guard let output else { return }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes {
      Glibc.read(output.descriptor.number, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    if count > 0 {
      buffer.removeSubrange(count...)
      return report(.output(buffer))
    }
    close(&self.output)
    if child == nil { finish() } else { giveTime() }
  }

  /// A carrier whose output is over ends by itself, or else is of no use.
  private func giveTime() {
    _ = machinery.loop.arm(after: .seconds(2)) { [self] in child?.kill() }
    closeInput()
  }

  private func readErrors() {
    guard let errors else { return }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes {
      Glibc.read(errors.descriptor.number, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    if count <= 0 { return close(&self.errors) }
    complaint += buffer[..<count]
    complaint.removeFirst(max(0, complaint.count - Self.mostComplaint))
  }

  private func close(_ pipe: inout Pipe?) {
    if let watch = pipe?.watch { machinery.loop.cancel(watch) }
    pipe = nil
  }

  // MARK: Its end

  /// Lets it end: its input is over.
  func close() {
    completion.cancel()
    closeInput()
    close(&output)
    close(&errors)
  }

  /// Ends it now; `ended` is reported.
  func kill() { child?.kill() }

  private func ended(_ end: ChildProcess.End) {
    child = nil
    if self.end == nil { self.end = Self.words(end) }
    // What it has written is still to be read.
    if output == nil { finish() } else { drain() }
  }

  private func drain() {
    while Self.hasMore(output) { read() }
    finish()
  }

  /// Whether reading would not wait.
  private static func hasMore(_ pipe: Pipe?) -> Bool {
    guard let pipe else { return false }
    var events = pollfd(fd: pipe.descriptor.number, events: Int16(POLLIN), revents: 0)
    return poll(&events, 1, 0) > 0
  }

  private func finish() {
    while Self.hasMore(errors) { readErrors() }
    closeInput()
    close(&output)
    close(&errors)
    let words = complaintWords ?? "the command that connects to it ended"
    completion.report(end.map { "\(words) (\($0))" } ?? words)
  }

  /// The last line that it complained with.
  private var complaintWords: String? {
    String(decoding: complaint, as: UTF8.self).split(whereSeparator: \.isNewline)
      .last { !$0.allSatisfy(\.isWhitespace) }.map { safeForTerminal(String($0)) }
  }

  private static func words(_ end: ChildProcess.End) -> String {
    switch end {
    case .ended(.exited(let status)): "exit status \(status)"
    case .ended(.signalled(let number)): "ended by \(signalName(number))"
    case .ended(.unknown(let why)): why
    case .notExecuted(let failure): "could not be executed: \(SystemError.words(failure.number))"
    }
  }
}
