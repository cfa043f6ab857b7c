import Clock
import Execution
import Glibc
import Machine
import PlanGraph
import PlanLanguage
import System
import VM
import Wire
import Words

/// What is done of one run on this VM: its attempts, each started once, and their record.
///
/// It lives as long as anything of the run is under way here, with a near end or without one. The
/// numbers of steps are the near end's.
final class FarRun {
  let folder: FarRunFolder
  let plan: VMPlan
  /// What the near end is told.
  var send: (FarMessage) -> Void = { _ in }

  private let record: FarRecord
  private let machine: LiveMachine
  private let loop: EventLoop
  private var underWay: [NodeID: UnderWay] = [:]
  /// Whether an attempt without a record was certainly never started.
  private let isCertain: Bool
  /// Whether records of holders may be missing.
  private let mayLackHolders: Bool
  private var isConnected = true

  /// How much later than the near end's timeout is: it only matters if there is no near end.
  private static let margin = Duration.seconds(1)

  /// Begins to work for a run; the lock of the VM is held.
  ///
  /// - Parameters:
  ///   - begin: what the near end says of it.
  ///   - id: its name.
  ///   - vm: the VM.
  ///   - plan: its steps here.
  ///   - supervisor: who starts and stops processes.
  ///   - machinery: the loop and what belongs to it.
  ///   - others: the processes that drove other runs on the VM, in this boot.
  /// - Throws: why it cannot be recorded.
  init(
    _ begin: NearMessage.Begin,
    _ id: RunID,
    on vm: VMFolder,
    _ plan: VMPlan,
    _ supervisor: SupervisorChoice,
    _ machinery: Machinery,
    coordinators others: Set<Int32>
  ) throws(Problem) {
    self.plan = plan
    loop = machinery.loop
    folder = try FarRunFolder.make(id, on: vm)
    let history: FarHistory
    (record, history) = try Self.record(in: folder, on: vm, begin, plan)
    let isSameBoot = history.sessions.last.map { isThisBoot($0.boot) } ?? true
    isCertain = isSameBoot && (record.isIntact || !begin.isResumed)
    mayLackHolders = !record.isIntact && begin.isResumed
    let sessions = history.sessions.filter { isThisBoot($0.boot) && $0.process != getpid() }
    do {
      machine = try LiveMachine(
        graph: plan.graph,
        vms: plan.machines(vm),
        supervisor: supervisor,
        runName: begin.run,
        holding: HolderSettings(folder: folder.stepsPath),
        recorded: Self.recorded(history, plan),
        earlierCoordinators: others.union(sessions.map(\.process)),
        logNames: StepLogNames(stems: plan.stems),
        recordNumbers: plan.nodes,
        machinery: machinery
      )
    } catch {
      throw Problem(path: folder.path, what: "cannot be worked for: \(error)")
    }
    machine.begin { [unowned self] in take($0) }
  }

  /// Opens the record, and notes that this process works for the run.
  ///
  /// - Returns: the record, and what it said before.
  private static func record(
    in folder: FarRunFolder,
    on vm: VMFolder,
    _ begin: NearMessage.Begin,
    _ plan: VMPlan
  ) throws(Problem) -> (FarRecord, before: FarHistory) {
    if let other = folder.givenUpFor {
      throw Problem(
        path: folder.path,
        what: "run \(folder.id) was given up on this VM, for \(other)",
        help: "run the plan again"
      )
    }
    let isNew = try folder.history().run.isEmpty
    do {
      let record = try folder.record(on: vm)
      let history = record.history
      try record.append(.session(boot: bootIdentifier() ?? "", process: getpid(), .now))
      try record.append(.coordinator(begin.coordinator, plan: plan.graph.planName))
      return (record, history)
    } catch {
      // A run that did not begin is not one that is not over.
      if isNew { folder.withdraw() }
      if let problem = error as? Problem { throw problem }
      throw Problem(path: folder.path, what: "cannot be written: \(error)", help: "make room there")
    }
  }

  /// The attempts that no process of ours saw to their end.
  private static func recorded(_ history: FarHistory, _ plan: VMPlan) -> [NodeID: RecordedStart] {
    var recorded: [NodeID: RecordedStart] = [:]
    for near in history.last.keys {
      guard let own = plan.node(near), let last = history.lastAttempt(of: near),
        last.attempt.end == nil
      else { continue }
      recorded[own] = history.start(of: last.attempt)
    }
    return recorded
  }

  /// Whether anything is under way.
  var isBusy: Bool { !underWay.isEmpty }

  /// The attempts that are under way, by the near end's numbers.
  var attempts: [NodeID: Int] { underWay.mapValues { $0.next?.attempt ?? $0.attempt } }

  /// Hears from a near end that it is there again; who that is may have changed.
  func resume(_ begin: NearMessage.Begin) {
    if record.history.coordinator == begin.coordinator { return }
    // For people only.
    try? record.append(.coordinator(begin.coordinator, plan: plan.graph.planName))
  }

  // MARK: Starting

  /// Starts an attempt, or reports what became of it if it was asked for before.
  func start(_ node: NodeID, _ attempt: Int, _ cause: HandlerCauseWords?) {
    guard let own = plan.node(node) else { return refuse(node, attempt, "the plan here lacks it") }
    if let current = underWay[node] {
      if attempt > current.attempt {
        underWay[node]?.next = (attempt, cause)
      } else {
        tell(of: node, attempt)
      }
      return
    }
    let history = record.history
    if history[FarHistory.Identity(node, attempt)] != nil { return recover(node, attempt) }
    if let last = history.lastAttempt(of: node) {
      if last.number > attempt { return refuse(node, attempt, "a later attempt was asked for") }
      if last.attempt.end == nil {
        // A script never runs twice at once.
        follow(node, own, last.number, last.attempt.asked, next: (attempt, cause))
        return
      }
    }
    begin(node, own, attempt, cause)
  }

  private func begin(_ node: NodeID, _ own: NodeID, _ attempt: Int, _ cause: HandlerCauseWords?) {
    let now = Instant.now
    do {
      try ask(node, own, attempt, at: now)
    } catch {
      return refuse(node, attempt, "it was not started, because it cannot be recorded: \(error)")
    }
    underWay[node] = UnderWay(attempt: attempt, asked: now)
    if !isConnected { armTimeout(node, own) }
    machine.start(own, attempt: attempt, told: cause)
  }

  private func ask(
    _ node: NodeID,
    _ own: NodeID,
    _ attempt: Int,
    at moment: Instant
  ) throws(SystemError) {
    try record.append(
      .asked(
        FarHistory.Identity(node, attempt),
        moment,
        isHeld: isHeld(own),
        name: plan.graph.name(own)
      )
    )
  }

  private func isHeld(_ own: NodeID) -> Bool {
    let step = plan.graph.steps[plan.graph[own].template]
    if case .run = step.action { return !step.isIdempotent }
    return false
  }

  private func refuse(_ node: NodeID, _ attempt: Int, _ words: String) {
    send(.ended(node, attempt: attempt, .refused(words), took: nil))
  }

  // MARK: What became of attempts

  /// Reports what became of an attempt, and follows it to its end if it is still under way.
  func recover(_ node: NodeID, _ attempt: Int) {
    guard let own = plan.node(node) else { return end(node, attempt, .lost) }
    if underWay[node] != nil { return tell(of: node, attempt) }
    let identity = FarHistory.Identity(node, attempt)
    if let known = record.history[identity] {
      if known.end == nil, record.history.last[node] == attempt {
        follow(node, own, attempt, known.asked, next: nil)
      } else {
        tell(of: node, attempt)
      }
      return
    }
    if isCertain { return end(node, attempt, .notStarted) }
    if !isHeld(own) || mayLackHolders { return end(node, attempt, .lost) }
    let now = Instant.now
    do {
      try ask(node, own, attempt, at: now)
    } catch {
      return end(node, attempt, .lost)
    }
    follow(node, own, attempt, now, next: nil)
  }

  /// Follows an attempt to its end that an earlier process began.
  private func follow(
    _ node: NodeID,
    _ own: NodeID,
    _ attempt: Int,
    _ asked: Instant,
    next: (attempt: Int, cause: HandlerCauseWords?)?
  ) {
    let process = record.history[FarHistory.Identity(node, attempt)]?.process?.identifier
    underWay[node] = UnderWay(
      attempt: attempt,
      asked: asked,
      process: process,
      isStarted: process != nil,
      isRecovered: true,
      next: next
    )
    if !isConnected { armTimeout(node, own) }
    machine.recover(own, attempt: attempt)
  }

  /// Says again what was said of an attempt.
  private func tell(of node: NodeID, _ attempt: Int) {
    if let current = underWay[node], current.attempt == attempt {
      if current.isStarted {
        send(.started(node, attempt: attempt, process: current.process))
      }
      return
    }
    if underWay[node]?.next?.attempt == attempt { return }
    if let end = record.history[FarHistory.Identity(node, attempt)]?.end {
      send(.ended(node, attempt: attempt, end.result, took: end.took))
    } else {
      send(.ended(node, attempt: attempt, .lost, took: nil))
    }
  }

  /// Reports the end of an attempt that has no record, and records it, so that it stays so.
  private func end(_ node: NodeID, _ attempt: Int, _ result: AttemptResult) {
    let identity = FarHistory.Identity(node, attempt)
    if let own = plan.node(node), record.history[identity] == nil {
      let now = Instant.now
      try? ask(node, own, attempt, at: now)
      try? record.append(.ended(identity, FarHistory.End(result, at: now, took: nil)))
    }
    send(.ended(node, attempt: attempt, result, took: nil))
  }

  private func take(_ report: MachineReport) {
    switch report {
    case .started(let own, let attempt, let process):
      let node = plan.nodes[own]
      let identity = FarHistory.Identity(node, attempt)
      // Without it, a later process searches for the step's process by its logs.
      try? record.append(.started(identity, process: process, .now))
      underWay[node]?.process = process
      underWay[node]?.isStarted = true
      send(.started(node, attempt: attempt, process: process))
    case .ended(let own, let attempt, let result): ended(own, attempt, result)
    case .answered(let own, let holds): send(.answered(plan.nodes[own], holds))
    case .remark(let remark):
      send(.remark(Remark(node: plan.nodes[remark.node], kind: remark.kind, text: remark.text)))
    }
  }

  private func ended(_ own: NodeID, _ attempt: Int, _ result: AttemptResult) {
    let node = plan.nodes[own]
    guard let current = underWay.removeValue(forKey: node) else { return }
    if let timer = current.timer { loop.disarm(timer) }
    let now = Instant.now
    let result =
      current.isTimedOut
      ? .failed("it timed out while the coordinator was out of reach, and was ended") : result
    let took = current.isRecovered ? nil : now - current.asked
    let end = FarHistory.End(result, at: now, took: took)
    // There is space set aside for it. If that fails all the same, the near end has it, or a holder.
    try? record.append(.ended(FarHistory.Identity(node, attempt), end))
    send(.ended(node, attempt: attempt, result, took: took))
    if let next = current.next { begin(node, own, next.attempt, next.cause) }
  }

  // MARK: Ending

  /// Asks a step's attempt to end.
  func terminate(_ node: NodeID) {
    dropNext(node)
    if let own = plan.node(node) { machine.terminate(own) }
  }

  /// Ends a step's attempt and whatever belongs to it.
  func kill(_ node: NodeID) {
    dropNext(node)
    if let own = plan.node(node) { machine.kill(own) }
  }

  private func dropNext(_ node: NodeID) {
    guard let next = underWay[node]?.next else { return }
    underWay[node]?.next = nil
    refuse(node, next.attempt, "was asked to end before an earlier attempt had ended")
  }

  /// Kills everything that is under way; nothing is reported.
  func abandon() {
    for current in underWay.values { current.timer.map { loop.disarm($0) } }
    underWay = [:]
    machine.abandon()
  }

  /// Puts everything back as it was before the run, and removes its record if it is over.
  func finish(isOver: Bool) {
    machine.end()
    if isOver, !isBusy { folder.remove() }
  }

  // MARK: Without a near end

  /// Hears that there is no near end: from now on it ends itself what takes too long.
  func disconnected() {
    isConnected = false
    for node in underWay.keys {
      if let own = plan.node(node) { armTimeout(node, own) }
    }
  }

  /// Hears that there is a near end, which sees to the times itself.
  func connected() {
    isConnected = true
    for node in Array(underWay.keys) where underWay[node]?.isTimedOut == false {
      if let timer = underWay[node]?.timer { loop.disarm(timer) }
      underWay[node]?.timer = nil
    }
  }

  private func armTimeout(_ node: NodeID, _ own: NodeID) {
    let step = plan.graph.steps[plan.graph[own].template]
    guard let timeout = step.timeout, let current = underWay[node], current.timer == nil else {
      return
    }
    underWay[node]?.timer = loop.arm(at: current.asked + timeout + Self.margin) { [unowned self] in
      underWay[node]?.isTimedOut = true
      machine.terminate(own)
      // It may have ended at once.
      if underWay[node] == nil { return }
      underWay[node]?.timer = loop.arm(after: step.grace) { [unowned self] in
        underWay[node]?.timer = nil
        machine.kill(own)
      }
    }
  }

  // MARK: Logs

  /// The end of what the last attempt of a step wrote.
  func tail(of node: NodeID) -> WireTail {
    var result = WireTail()
    guard let own = plan.node(node) else { return result }
    let tail = machine.logTail(of: own)
    result.path = tail.path
    result.isKnown = tail.isKnown
    result.missing = tail.words
    result.isDiskFull = tail.path.map(FreeSpaceCheck.isFull) ?? false
    result.stdout = tail.stdout
    result.stderr = tail.stderr
    return result
  }
}
