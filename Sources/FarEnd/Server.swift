import Clock
import Glibc
import Machine
import System
import VM
import Wire
import Words

/// Waits for what happens: messages, signals, ends of attempts, other connections.
final class Server {
  private let loop: EventLoop
  private let signals: SignalWatch
  private let complain: (String) -> Void
  private let service: Service
  /// The connection to the near end; nil if it was lost.
  private var link: FrameLink?
  /// Connections to other processes of ours, on which nobody has said hello yet.
  private var candidates: [FrameLink] = []
  private var socket: TakeoverSocket?
  /// The folder that a socket was made in, or could not be.
  private var listenedTo: FarRunFolder?
  private var end: FarEnd.End?
  private var usesStandard = true
  /// Whether the near end has ever asked whether we are there, and so would ask again.
  private var hasPinged = false
  /// When anything came last.
  private var lastHeard = Instant.now
  private var silence: TimerToken?

  /// After this long without a word the near end is gone, even if nothing says that the connection is.
  ///
  /// It asks four times a minute whether we are there.
  private static let longestSilence = Duration.seconds(90)
  private var failure: String?

  init(
    _ signals: SignalWatch,
    version: String,
    complain: @escaping (String) -> Void
  ) throws(SystemError) {
    self.signals = signals
    self.complain = complain
    loop = try EventLoop()
    service = Service(loop, version: version)
  }

  /// Serves until nobody needs it any more.
  func serve() throws(SystemError) -> FarEnd.End {
    let watch = try loop.watch(signals.number, for: .reading) { [unowned self] in takeSignals() }
    defer { loop.cancel(watch) }
    link = try standardLink()
    while end == nil {
      listenIfNeeded()
      link?.flush()
      for candidate in candidates { candidate.flush() }
      if dropLost() { continue }
      if link == nil, candidates.isEmpty, !service.isBusy, withdraw() { break }
      let isReadable = link?.isAlwaysReadable == true
      try loop.turn(mayWait: !isReadable)
      if isReadable { link?.read() }
    }
    service.close()
    if let end { return end }
    return failure.map { .bad($0) } ?? .good
  }

  // MARK: Connections

  /// The connection on standard input and output, greeted.
  private func standardLink() throws(SystemError) -> FrameLink {
    let link = FrameLink(
      input: try Descriptor(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "dup"),
      output: try Descriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "dup"),
      loop
    )
    link.send(bytes: WireProtocol.greeting)
    link.take = { [unowned self, unowned link] in takeFirst($0, from: link) }
    return link
  }

  /// The first message on standard input: it may be for another process, which works for the run.
  private func takeFirst(_ message: NearMessage, from link: FrameLink) {
    if case .hello(let hello) = message, let run = hello.run,
      let other = TakeoverSocket.connect(run: run, root: hello.root ?? VMFolder.defaultPath)
    {
      link.flush()
      if case .over = Proxy.run(link.history, other, signals: signals.number) {
        end = .good
        return
      }
    }
    link.forgetHistory()
    serve(link, message)
  }

  /// Does what a near end asks for from now on, beginning with its hello.
  private func serve(_ link: FrameLink, _ hello: NearMessage) {
    hasPinged = false
    link.take = { [unowned self] message in
      if case .ping = message { hasPinged = true }
      hear()
      service.take(message)
    }
    service.connect { [unowned link] in link.send($0) }
    hear()
    service.take(hello)
  }

  private func hear() {
    lastHeard = .now
    if silence == nil { awaitSilence() }
  }

  private func awaitSilence() {
    silence = loop.arm(at: lastHeard + Self.longestSilence) { [unowned self] in
      silence = nil
      if link == nil || !hasPinged { return }
      if Instant.now - lastHeard < Self.longestSilence { return awaitSilence() }
      lose("nothing has come from the coordinator for \(Self.longestSilence.forPeople)")
    }
  }

  /// As soon as a run begins, a later connection must be able to find us.
  private func listenIfNeeded() {
    guard let folder = service.run?.folder else {
      socket?.withdraw()
      socket = nil
      return
    }
    if folder === listenedTo { return }
    listenedTo = folder
    socket?.withdraw()
    do {
      socket = try TakeoverSocket(folder, loop) { [unowned self] in come($0) }
    } catch {
      // What is under way is found by its record then.
      complain("a later connection cannot take over: \(error)")
      socket = nil
    }
  }

  private func come(_ connection: consuming Descriptor) {
    guard let candidate = try? FrameLink(socket: connection, loop) else { return }
    candidate.forgetHistory()
    candidate.take = { [unowned self, unowned candidate] message in
      guard case .hello = message else { return candidate.close() }
      candidates.removeAll { $0 === candidate }
      // The newest wins: the near end would not have come again if it still heard us.
      if link != nil { lose(nil) }
      link = candidate
      serve(candidate, message)
    }
    candidates.append(candidate)
  }

  /// Takes leave of connections that have ended; returns whether there were any.
  private func dropLost() -> Bool {
    let count = candidates.count
    for candidate in candidates where candidate.loss != nil { candidate.close() }
    candidates.removeAll { $0.loss != nil }
    guard let loss = link?.loss else { return candidates.count != count }
    switch loss {
    case .broken(let words): lose(words)
    case .closed: lose(service.isAddressed ? nil : "nobody said hello; a coordinator starts this")
    }
    return true
  }

  private func lose(_ words: String?) {
    if let words {
      failure = words
      complain(words)
    }
    link?.close()
    link = nil
    service.disconnect()
    leaveStandard()
  }

  /// Lets go of what the carrier gave us, so that its session can end.
  private func leaveStandard() {
    if !usesStandard { return }
    usesStandard = false
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    if null < 0 { return }
    for number in STDIN_FILENO...STDERR_FILENO { dup2(null, number) }
    close(null)
  }

  /// Lets nobody connect any more; returns whether nobody just has.
  private func withdraw() -> Bool {
    guard let socket else { return true }
    socket.withdraw()
    self.socket = nil
    guard let connection = socket.next() else { return true }
    come(connection)
    return false
  }

  private func takeSignals() {
    while let number = signals.next() {
      if number == SIGHUP { continue }
      if link == nil {
        end = .bad("ended by signal \(number)")
      } else {
        lose(nil)
      }
    }
  }
}
