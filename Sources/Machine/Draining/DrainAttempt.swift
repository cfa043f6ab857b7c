import Clock
import Execution
import Glibc
import System
import Words

/// An attempt of a drain: asks the script, sleeps as long as it says, and asks again if the script
/// wants that (BOSH's agent, script/drain/concrete_script.go).
///
/// When the step is asked to end, the script, the processes that still hold its output, and the
/// pauses are ended early. There is no limit to the number of calls. A call is over when its main
/// process has ended and its reply can no longer change, or has not grown for a while.
final class DrainAttempt: Attempt {
  /// Asks once.
  ///
  /// It gets whether this is the first call, and hands over the output that becomes the reply.
  typealias Ask = (Bool, (CapturedOutput) -> Void) throws(LaunchFailure) -> LaunchedProcess

  /// How many bytes of a reply are taken: a number is shorter.
  static let mostOutput = 64 << 10

  private let machinery: Machinery
  private let isStrict: Bool
  private let patience: DrainPatience
  private let ask: Ask
  private let remark: (Remark.Kind, String) -> Void
  private let started: (Int32?) -> Void
  private let completion: Completion<AttemptResult>
  private var call: ProcessAttempt?
  private var output: CapturedOutput?
  private var process: Int32?
  private var rest: RestOfReply?
  private var timer: TimerToken?
  private var asked = 0
  private var askFilter = RepetitionFilter()
  private var holderFilter = RepetitionFilter()
  private var endWasAsked = false

  /// Makes an attempt; `begin` asks for the first time.
  ///
  /// - Parameters:
  ///   - machinery: the loop and what belongs to it.
  ///   - isStrict: whether a number is ignored if the script ended with an exit status other than
  ///     0, or by a signal.
  ///   - patience: how long to wait for the rest of its output.
  ///   - ask: starts the script.
  ///   - remark: receives what people may want to know.
  ///   - started: called with each process, and with nil if one could not execute the script.
  ///   - ended: called once.
  init(
    _ machinery: Machinery,
    isStrict: Bool,
    patience: DrainPatience,
    ask: @escaping Ask,
    remark: @escaping (Remark.Kind, String) -> Void,
    started: @escaping (Int32?) -> Void,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.machinery = machinery
    self.isStrict = isStrict
    self.patience = patience
    self.ask = ask
    self.remark = remark
    self.started = started
    completion = Completion(ended)
  }

  /// Asks the script.
  func begin() {
    timer = nil
    asked += 1
    let call = ProcessAttempt(
      machinery,
      launch: { [self] () throws(LaunchFailure) -> LaunchedProcess in
        try ask(asked == 1) { output = $0 }
      },
      started: { [self] process in
        if process == nil { output?.close() }
        self.process = process
        started(process)
      },
      ended: { [self] in answered($0) }
    )
    self.call = call
    call.begin()
  }

  private func answered(_ result: AttemptResult) {
    call = nil
    let end: String?
    switch result {
    case .exited(0): end = nil
    case .exited(let status): end = "exit status \(status)"
    case .signalled(let number): end = "was ended by signal \(number)"
    case .failed, .refused, .lost, .notStarted: return drop(result)
    }
    guard !endWasAsked, let output, end == nil || !isStrict else { return drop(result) }
    let rest = RestOfReply(
      output,
      session: process,
      hasFailed: end != nil,
      machinery,
      patience: patience,
      isTold: { [self] in holderFilter.isWorthReporting() },
      remark: remark,
      done: { [self] holders in
        self.rest = nil
        self.output = nil
        judge(output.bytes, isTooLong: output.isTooLong, result, end, heldBy: holders)
      }
    )
    self.rest = rest
    rest.begin()
  }

  /// Ends without reading the reply; the log still has what was printed.
  private func drop(_ result: AttemptResult) {
    output?.finish()
    output = nil
    completion.report(result)
  }

  private func judge(
    _ reply: [UInt8],
    isTooLong: Bool,
    _ result: AttemptResult,
    _ end: String?,
    heldBy holders: String?
  ) {
    if isTooLong {
      return completion.report(
        .failed(
          "printed more than \(Self.mostOutput >> 10) KiB instead of the number of seconds to wait"
        )
      )
    }
    if end != nil, GoWhitespace.trimmed(reply[...]).isEmpty { return completion.report(result) }
    do throws(PlainFailure) {
      let reply = try DrainReply(reply)
      if let end { remark(.warning, "\(end), but its number counts, as in BOSH") }
      follow(reply)
    } catch {
      let held = holders.map { ", while \($0) held its output" } ?? ""
      completion.report(.failed(error.words + held + (end.map { " (\($0))" } ?? "")))
    }
  }

  private func follow(_ reply: DrainReply) {
    switch reply {
    case .done(after: 0): completion.report(.exited(0))
    case .done(let seconds):
      remark(.state, "asked to wait \(Duration.seconds(seconds).forPeople), then drained")
      timer = machinery.loop.arm(after: .seconds(seconds)) { [self] in
        timer = nil
        completion.report(.exited(0))
      }
    case .askAgain(let seconds):
      if askFilter.isWorthReporting() {
        let times = asked == 1 ? "" : " (asked \(asked) times)"
        remark(
          .state,
          "not drained yet\(times); asks again in \(Duration.seconds(seconds).forPeople)"
        )
      }
      timer = machinery.loop.arm(after: .seconds(seconds)) { [self] in begin() }
    }
  }

  func terminate() {
    endWasAsked = true
    if let call { call.terminate() } else { giveUp(SIGTERM) }
  }

  func kill() {
    endWasAsked = true
    if let call { call.kill() } else { giveUp(SIGKILL) }
  }

  func abandon() {
    completion.cancel()
    if let timer { machinery.loop.disarm(timer) }
    call?.abandon()
    rest?.abandon()
    output?.close()
  }

  private func giveUp(_ signal: Int32) {
    if let timer { machinery.loop.disarm(timer) }
    timer = nil
    if let rest { return giveUp(rest, signal) }
    completion.report(.failed("had not drained yet"))
  }

  private func giveUp(_ rest: RestOfReply, _ signal: Int32) {
    rest.end(with: signal) { [self] holders in
      completion.report(
        .failed("had not drained yet" + (holders.map { ": \($0) held its output" } ?? ""))
      )
    }
  }
}
