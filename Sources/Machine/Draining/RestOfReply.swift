import Clock
import Execution
import Glibc
import System

/// Waits for the rest of what a drain script prints, once its main process has ended.
///
/// BOSH's agent reads to the end of file, however long it takes: what a child such as the `tee` of
/// `exec > >(tee …)` prints later belongs to the reply, and a daemon that holds the pipe blocks the
/// agent. Here only what can still change the reply is awaited. A number is accepted when nothing
/// has followed it for a while, even if processes still hold the pipe. Output that cannot become a
/// number is accepted at once. If no number comes, the drain fails and names the processes that
/// hold the pipe.
final class RestOfReply {
  private let output: CapturedOutput
  private let session: pid_t?
  private let hasFailed: Bool
  private let machinery: Machinery
  private let isTold: () -> Bool
  private let remark: (Remark.Kind, String) -> Void
  private let completion: Completion<String?>
  private let ended = Instant.now
  private var telling: TimerToken?
  private var waiting: TimerToken?
  private var pause: Duration
  private var isEnding = false
  /// Lazy, because it reads /proc.
  private lazy var saysSo = isTold()

  private let patience: DrainPatience

  /// Prepares it; `begin` reads the available output.
  ///
  /// - Parameters:
  ///   - output: of the script.
  ///   - session: the one that its main process led; nil if there is none.
  ///   - hasFailed: whether that ended with an exit status other than 0, or by a signal.
  ///   - machinery: the loop and what belongs to it.
  ///   - patience: how long the output is waited for.
  ///   - isTold: asked once whether to announce the wait.
  ///   - remark: receives what people may want to know.
  ///   - done: called once, when the reply is final; with who held the output if no number came.
  init(
    _ output: CapturedOutput,
    session: pid_t?,
    hasFailed: Bool,
    _ machinery: Machinery,
    patience: DrainPatience,
    isTold: @escaping () -> Bool,
    remark: @escaping (Remark.Kind, String) -> Void,
    done: @escaping (String?) -> Void
  ) {
    self.output = output
    self.session = session
    self.hasFailed = hasFailed
    self.machinery = machinery
    self.patience = patience
    self.isTold = isTold
    self.remark = remark
    completion = Completion(done)
    pause = patience.beforeRemark
  }

  /// Reads the available output, and calls `done` now or later.
  func begin() {
    output.readNow()
    if isFinal { return finish() }
    output.changed = { [self] in update() }
    update()
    telling = machinery.loop.arm(after: pause) { [self] in tell() }
  }

  /// Whether nothing that may follow can change the reply.
  private var isFinal: Bool {
    output.isAtEnd || DrainReply.beginning(output.bytes) == .mistake
  }

  private func update() {
    if isFinal { return finish() }
    if let waiting { machinery.loop.disarm(waiting) }
    waiting = machinery.loop.arm(at: min(Instant.now + bound, ended + patience.most)) { [self] in
      giveUp()
    }
  }

  /// How long the output must be quiet.
  private var bound: Duration {
    switch DrainReply.beginning(output.bytes) {
    case .wholeNumber: patience.behindLine
    case .digits: patience.behindDigits
    case .nothing, .mistake:
      hasFailed ? patience.behindDigits : patience.withoutNumber
    }
  }

  private func tell() {
    telling = nil
    guard saysSo else { return }
    let holders = output.holders?.words ?? "a process"
    switch DrainReply.beginning(output.bytes) {
    case .digits, .wholeNumber:
      remark(.state, "has ended with a number; \(holders) still holds its output")
    case .nothing, .mistake:
      let end = hasFailed ? "has failed" : "has ended"
      remark(.state, "\(end) without a number; waits for \(holders), which holds its output")
    }
    // Again after twice as long, so that hours take about ten lines.
    pause = pause * 2
    telling = machinery.loop.arm(after: pause) { [self] in tell() }
  }

  /// Continues with the available output, although more could come.
  private func giveUp() {
    waiting = nil
    output.readNow()
    if isFinal { return finish() }
    guard let reply = try? DrainReply(output.bytes) else { return finish(output.holders?.words) }
    if saysSo, let holders = output.holders?.words {
      remark(
        .warning,
        "\(reply.words) counts, and \(holders) still holds its output; BOSH would wait for it"
      )
    }
    finish()
  }

  /// Ends the processes of the script's session that hold the output, and the whole session with
  /// them.
  ///
  /// - Parameters:
  ///   - signal: that they get; a second call sends another.
  ///   - finished: called when they have ended, with their description; at once if there are none.
  ///     Only the one of the first call is called.
  func end(with signal: Int32, _ finished: @escaping (String?) -> Void) {
    if isEnding {
      if let session { machinery.sessions.signal(session, signal, nil) }
      return
    }
    isEnding = true
    let holders = output.holders
    close()
    guard let session, let holders, isHolding(session, holders) else {
      return finished(holders?.words)
    }
    machinery.sessions.signal(session, signal, nil)
    machinery.sessions.whenEmpty(session, nil) { finished(holders.words) }
  }

  /// Kills them now, without waiting for it.
  func abandon() {
    if let session, let holders = output.holders, isHolding(session, holders) {
      machinery.sessions.abandon(session, nil)
    }
    close()
  }

  /// Whether the script's session still exists.
  ///
  /// A process that holds the pipe and has this session number belongs to it, not to a later
  /// session with the same number.
  private func isHolding(_ session: pid_t, _ holders: PipeHolders) -> Bool {
    holders.all.contains { $0.session == session }
  }

  /// Stops waiting, and reports nothing.
  func close() {
    completion.cancel()
    release()
  }

  private func finish(_ holders: String? = nil) {
    release()
    completion.report(holders)
  }

  private func release() {
    if let telling { machinery.loop.disarm(telling) }
    if let waiting { machinery.loop.disarm(waiting) }
    telling = nil
    waiting = nil
    output.close()
  }
}
