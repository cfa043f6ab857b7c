import Clock
import Execution
import Glibc
import System

/// An attempt whose holder an earlier coordinator started.
///
/// It waits for the holder's end and takes the result from the record.
///
/// If the holder was killed, the attempt waits for the command, and how it ended is lost.
final class OrphanHolderAttempt: Attempt {
  /// What was requested, kept when the process that receives it changes.
  enum Request { case nothing, terminate, kill }

  private let record: HeldCommandRecord
  private let machinery: Machinery
  private let search: OrphanSearch?
  private let result: (HeldCommandEnd, _ byTimeout: Bool) -> AttemptResult
  private let completion: Completion<AttemptResult>
  private var request = Request.nothing
  private var holder: ProcessWatch?
  private var command: OrphanAttempt?
  private var timer: TimerToken?

  /// Between two checks of a record whose holder this machine's /proc does not show.
  private static let pause = Duration.milliseconds(20)

  /// Makes an attempt; `begin` starts to watch.
  ///
  /// - Parameters:
  ///   - record: the existing record.
  ///   - machinery: the loop and what belongs to it.
  ///   - search: how to find the command if its holder was killed before it recorded it.
  ///   - result: what an end means, and whether it was because the time was over.
  ///   - ended: called once.
  init(
    _ record: HeldCommandRecord,
    _ machinery: Machinery,
    search: OrphanSearch?,
    result: @escaping (HeldCommandEnd, _ byTimeout: Bool) -> AttemptResult,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.record = record
    self.machinery = machinery
    self.search = search
    self.result = result
    completion = Completion(ended)
  }

  /// Reads the record, and reports at once if the command has ended.
  func begin() {
    timer = nil
    holder = nil
    let (state, text) = record.inspect()
    switch state {
    case .ended(let end, let byTimeout): finish(result(end, byTimeout))
    case .running(let process) where process == text?.holder: watchHolder(process, text)
    case .running, .lost, .absent: watchCommand(text)
    }
  }

  private func watchHolder(_ process: pid_t, _ text: HeldRecordContents?) {
    // A process younger than the record got the number of a holder that has just ended.
    if let stat = ProcessStat(process), !stat.isDead, let text, stat.start <= text.began {
      let identity = ProcessIdentity(process: process, startTime: stat.startTime)
      holder = ProcessWatch(identity, on: machinery.loop) { [self] in begin() }
      send(request)
    } else {
      timer = machinery.loop.arm(after: Self.pause) { [self] in begin() }
    }
  }

  private func watchCommand(_ text: HeldRecordContents?) {
    guard let text,
      let identity = text.command?.living
        ?? search?.find(RecordedStart(boot: text.boot, asked: text.began, process: nil))
    else { return finish(.lost) }
    command = OrphanAttempt(identity, machinery) { [self] in finish($0) }
    send(request)
  }

  func terminate() {
    if request == .nothing { request = .terminate }
    send(.terminate)
  }

  func kill() {
    request = .kill
    send(.kill)
  }

  private func send(_ request: Request) {
    switch request {
    case .nothing: break
    case .terminate:
      holder?.signal(SIGTERM)
      command?.terminate()
    case .kill:
      holder?.signal(ChildProcess.holderKillSignal)
      command?.kill()
    }
  }

  func abandon() {
    if !completion.isPending { return }
    completion.cancel()
    holder?.signal(ChildProcess.holderKillSignal)
    holder?.cancel()
    if let timer { machinery.loop.disarm(timer) }
    command?.abandon()
  }

  private func finish(_ result: AttemptResult) {
    command = nil
    completion.report(result)
  }
}
