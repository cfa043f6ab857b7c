import Clock
import System
import Wire
import Words

/// The connection to one far end: a carrier, `lockstep serve` behind it, and frames between.
///
/// It can be made again after it was lost. Everything is reported from the loop.
final class Connection {
  /// What happens to it.
  enum Happening {
    /// The far end has said what it is.
    case opened(VMReport)
    case message(FarMessage)
    /// It could not be made, or is lost.
    case failed(ConnectionFailure)
  }

  private enum Phase {
    case closed
    /// Others are on their way.
    case queued
    case bootstrap(BootstrapReader)
    case copying(BootstrapReader, ProgramCopy, sent: Int)
    /// Greeted, and not welcomed yet.
    case greeted
    case open
  }

  private let carrier: Carrier
  private let root: String?
  private let bootstrap: Bootstrap
  private let machinery: Machinery
  private let pacing: ConnectPacing
  private let report: (Happening) -> Void
  /// The run that the far end may work for already.
  var run: String?
  private var phase = Phase.closed
  private var process: CarrierProcess?
  /// How many carriers were started.
  private var carriers = 0
  private var frames = FrameReader()
  private var timer: TimerToken?
  private var isPaced = false
  /// Whether anything has come since the last look.
  private var isAlive = false
  private var missedPings = 0

  /// How long a far end may take to answer at first, and then to take more of a copy.
  private static let patience = Duration.seconds(30)
  /// How often an idle far end is asked whether it is there.
  private static let pingPause = Duration.seconds(15)
  private static let mostMissedPings = 2
  private static let chunk = 256 << 10
  /// What to do about a host that writes what nobody asked for.
  private static let hush =
    "have its login shell print nothing for a command: look at ~/.bashrc and at --via"

  init(
    _ carrier: Carrier,
    root: String?,
    _ bootstrap: Bootstrap,
    _ machinery: Machinery,
    _ pacing: ConnectPacing,
    report: @escaping (Happening) -> Void
  ) {
    self.carrier = carrier
    self.root = root
    self.bootstrap = bootstrap
    self.machinery = machinery
    self.pacing = pacing
    self.report = report
  }

  /// Whether messages can be sent.
  var isOpen: Bool { if case .open = phase { true } else { false } }

  // MARK: Beginning

  /// Begins to connect, now or when it is its turn.
  func connect() {
    guard case .closed = phase else { return }
    phase = .queued
    pacing.enter(self) { [self] in
      isPaced = true
      begin()
    }
  }

  private func begin() {
    phase = .bootstrap(BootstrapReader())
    frames = FrameReader()
    carriers += 1
    let number = carriers
    do {
      process = try CarrierProcess(carrier.vector, machinery) { [self] happening in
        // One that was given up may still have something to say.
        if number == carriers { take(happening) }
      }
    } catch {
      return fail(ConnectionFailure(error.words, isPermanent: true))
    }
    expectMore(orFail: ConnectionFailure("it did not answer within \(Self.patience.forPeople)"))
    process?.send(bootstrap.script)
  }

  /// Fails with this unless something better happens in time.
  private func expectMore(orFail failure: ConnectionFailure) {
    if let timer { machinery.loop.disarm(timer) }
    timer = machinery.loop.arm(after: Self.patience) { [self] in
      timer = nil
      fail(failure)
    }
  }

  private func take(_ happening: CarrierProcess.Happening) {
    switch happening {
    case .output(let bytes): take(bytes)
    case .drained: copyMore()
    case .ended(let words): ended(words)
    }
  }

  private func take(_ bytes: [UInt8]) {
    isAlive = true
    do throws(WireFailure) {
      switch phase {
      case .closed, .queued: return
      case .bootstrap(var reader):
        let answer = try reader.add(bytes)
        phase = .bootstrap(reader)
        if let answer { try take(answer, reader) }
      case .copying(var reader, let copy, let sent):
        let answer = try reader.add(bytes)
        phase = .copying(reader, copy, sent: sent)
        if let answer { try take(answer, reader) }
      case .greeted, .open:
        frames.add(bytes)
        try takeFrames()
      }
    } catch {
      fail(
        ConnectionFailure(
          "what it sent is not what lockstep sends: \(error.words)",
          help: Self.hush
        )
      )
    }
  }

  private func take(
    _ answer: BootstrapAnswer,
    _ reader: BootstrapReader
  ) throws(WireFailure) {
    switch answer {
    case .greeted(let rest):
      if let failure = Self.failure(ofBanner: reader.banner) { return fail(failure) }
      phase = .greeted
      send(.hello(NearMessage.Hello(root: root, run: run)))
      frames.add(rest)
      try takeFrames()
    case .useless(let why):
      fail(
        ConnectionFailure(
          "the copy of lockstep does not work there: \(safeForTerminal(why))",
          help: "install a lockstep that works there, in its PATH",
          isPermanent: true
        )
      )
    case .missing(let kernel, let machine, let version):
      if let failure = refusal(ofCopyTo: kernel, machine, version) { return fail(failure) }
      guard let copy = bootstrap.copy else { return }
      var reader = reader
      // What has come with it may already say that there is no place for a copy.
      let more = try reader.add([])
      phase = .copying(reader, copy, sent: 0)
      if let more { return try take(more, reader) }
      copyMore()
    }
  }

  // MARK: Copying

  private func refusal(
    ofCopyTo kernel: String,
    _ machine: String,
    _ version: String
  ) -> ConnectionFailure? {
    let there =
      version == "none"
      ? "there is no lockstep in its PATH"
      : "its lockstep does not speak version \(WireProtocol.version) of the wire protocol"
    guard let copy = bootstrap.copy else {
      return ConnectionFailure(
        there,
        help: "install this version there, or allow a copy by leaving out --no-copy",
        isPermanent: true
      )
    }
    if kernel == "Linux", machine == copy.machineType { return nil }
    return ConnectionFailure(
      "\(there), and this one is for Linux on \(copy.machineType), not for \(kernel) on \(machine)",
      help: "install a lockstep for that machine in its PATH",
      isPermanent: true
    )
  }

  private func copyMore() {
    let limit = Self.patience.forPeople
    expectMore(orFail: ConnectionFailure("it took no more of the copy of lockstep for \(limit)"))
    while let process, process.isIdle, case .copying(let reader, let copy, let sent) = phase,
      sent < copy.size
    {
      let bytes = copy.bytes(from: sent, most: min(Self.chunk, copy.size - sent))
      if bytes.isEmpty {
        return fail(ConnectionFailure("our own program cannot be read any more", isPermanent: true))
      }
      phase = .copying(reader, copy, sent: sent + bytes.count)
      process.send(bytes)
    }
  }

  // MARK: Messages

  /// Sends a message; it is lost if there is no connection.
  func send(_ message: NearMessage) {
    guard let process else { return }
    var bytes: [UInt8] = []
    do throws(WireFailure) {
      try Frame.append(message.payload, to: &bytes)
    } catch {
      return fail(ConnectionFailure("it cannot be sent \(error.words)", isPermanent: true))
    }
    process.send(bytes)
  }

  private func takeFrames() throws(WireFailure) {
    while process != nil, let payload = try frames.next() {
      guard let message = try FarMessage(payload: payload) else { continue }
      try take(message)
    }
  }

  private func take(_ message: FarMessage) throws(WireFailure) {
    guard case .greeted = phase else {
      if case .failed(let words) = message { return fail(ConnectionFailure(words)) }
      if message != .pong { report(.message(message)) }
      return
    }
    switch message {
    case .welcome(let it):
      phase = .open
      leavePacing()
      watchLife()
      report(.opened(it))
    case .refused(let problems): fail(ConnectionFailure(problems))
    case .failed(let words): fail(ConnectionFailure(words, isPermanent: true))
    default: throw WireFailure("something else before it said what it is")
    }
  }

  /// Asks an idle far end whether it is there.
  private func watchLife() {
    if let timer { machinery.loop.disarm(timer) }
    isAlive = true
    missedPings = 0
    armPing()
  }

  private func armPing() {
    timer = machinery.loop.arm(after: Self.pingPause) { [self] in
      timer = nil
      if isAlive { missedPings = 0 } else { missedPings += 1 }
      isAlive = false
      if missedPings > Self.mostMissedPings {
        let silence = Self.pingPause * (Self.mostMissedPings + 1)
        return fail(ConnectionFailure("nothing has come from it for \(silence.forPeople)"))
      }
      send(.ping)
      armPing()
    }
  }

  // MARK: Its end

  private func ended(_ words: String) {
    switch phase {
    case .bootstrap(let reader), .copying(let reader, _, _):
      let help = "see whether this connects without a question: \(carrier.words)"
      fail(Self.failure(ofBanner: reader.banner) ?? ConnectionFailure(words, help: help))
    case .closed, .queued: break
    case .greeted, .open: fail(ConnectionFailure(words))
    }
  }

  /// What comes before our own words was written by something that may write again.
  private static func failure(ofBanner banner: [UInt8]) -> ConnectionFailure? {
    let text = String(decoding: banner, as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline)
      .first { line in
        !line.hasPrefix(Bootstrap.missing) && !line.hasPrefix(Bootstrap.useless)
          && !line.allSatisfy(\.isWhitespace)
      }
    guard let line else { return nil }
    let most = 60
    let shown = safeForTerminal(String(line.prefix(most))) + (line.count > most ? "…" : "")
    return ConnectionFailure(
      "it printed \(quoted(shown)) where lockstep should answer",
      help: Self.hush,
      isPermanent: true
    )
  }

  private func fail(_ failure: ConnectionFailure) {
    process?.kill()
    guard close() else { return }
    report(.failed(failure))
  }

  /// Closes it; nothing more is reported.
  ///
  /// - Returns: whether it was not closed before.
  @discardableResult
  func close() -> Bool {
    if case .closed = phase { return false }
    if case .queued = phase { _ = pacing.giveUp(self) }
    phase = .closed
    if let timer { machinery.loop.disarm(timer) }
    timer = nil
    process?.close()
    process = nil
    leavePacing()
    return true
  }

  private func leavePacing() {
    if isPaced { pacing.leave() }
    isPaced = false
  }
}
