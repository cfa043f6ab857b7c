import CLinux
package import Clock
package import Execution
import Glibc
package import PlanGraph
import PlanLanguage
package import System
package import VM
import Words

/// Does what a run asks for, on this machine, and tells the run what came of it.
///
/// One thread with one wait. Everything that is decided is decided by the run, in `handle`.
package final class LiveMachine {
  /// Decides: an event and its moment in, what to do out.
  package typealias Handler = (Event, Instant) -> [Action]
  /// Looks on: after each event, before its actions are done; and with nil and no actions each time
  /// that there is nothing to do but wait.
  package typealias Observer = (Instant, Event?, [Action]) -> Void

  /// What it is for.
  package let graph: Graph
  let machinery: Machinery
  private let choice: SupervisorChoice
  private let launchers: [Launcher]
  private var supervisors: [Int: any Supervisor] = [:]
  private var unitSupervisors: [Int: any Supervisor] = [:]
  let vms: SubjectVMs
  var attempts: [NodeID: any Attempt] = [:]
  /// What was in a step's logs when its last attempt first opened them.
  var logBeginnings: [NodeID: LogSizes] = [:]
  /// What a step's last attempt said of its failure, also where it failed for another reason, such as
  /// the end of its time.
  package private(set) var lastWords: [NodeID: String] = [:]
  /// Whether any attempt was begun.
  package private(set) var hasStarted = false
  private var timers: [TimerID: TimerToken] = [:]
  var events: [Event] = []
  /// The events that the run is being told; empty between.
  private var batch: [Event] = []
  /// How long the rest of a drain script's output is waited for.
  var drainPatience = DrainPatience()

  /// What steps that are under way have to say, oldest first; whoever shows it takes it away.
  package var remarks: [Remark] = []
  /// How often the observer is called at least while the run waits; nil for not because of time.
  package var tick: Duration?
  /// The run's name, which steps are told; nil for telling them nothing of where they are.
  package var runName: String?
  /// Where a `run` that is not idempotent is recorded by a holder; nil for not holding any.
  package var holding: HolderSettings?
  /// What was recorded of the attempts that were under way when the run was broken off.
  package var recorded: [NodeID: RecordedStart] = [:]
  /// The processes that drove the same run before, in this boot; none of them lives.
  package var earlierCoordinators: Set<Int32> {
    get { machinery.groups.earlierCoordinators }
    set { machinery.groups.earlierCoordinators = newValue }
  }

  /// Makes ready; nothing is started and nothing written before `drive`.
  ///
  /// - Parameters:
  ///   - graph: the plan on its subjects.
  ///   - vms: the machine of each instance. A step of a wider subject runs on the first instance
  ///     inside it.
  ///   - supervisor: who starts and stops processes, on each machine.
  /// - Throws: where the process lacks descriptors.
  package init(
    graph: Graph,
    vms: [SubjectID: VMFolder],
    supervisor: SupervisorChoice
  ) throws(SystemError) {
    self.graph = graph
    choice = supervisor
    let machinery = try Machinery()
    self.machinery = machinery
    let names = StepLogNames(graph)
    self.vms = SubjectVMs(graph.subjects, vms)
    launchers = self.vms.all.map { Launcher(vm: $0, names: names, machinery) }
  }

  /// Drives a run to its end.
  ///
  /// To be called on the main thread before there are others, because of the signals: each SIGINT and
  /// SIGTERM is told to the run, which decides what it means; SIGHUP is ignored. The umask is 022
  /// meanwhile. All of that is put back at the end.
  ///
  /// - Parameters:
  ///   - handle: the run.
  ///   - observe: the journal, the display.
  /// - Returns: what the run's `finish` or `leave` says.
  /// - Throws: where the loop itself fails; what runs is killed then.
  package func drive(
    handle: Handler,
    observe: Observer
  ) throws(SystemError) -> RunOutcome {
    try drive(from: .began, handle: handle, release: { _ in [] }, observe: observe)
  }

  /// Drives a run that is recorded to its end.
  ///
  /// As `drive(handle:observe:)`; what is to be done comes from the recorded run, before and after
  /// its records have reached the disk. The observer is called with what the run asks for at once.
  ///
  /// - Parameters:
  ///   - run: the run and its journal, which stays open.
  ///   - event: the first event, `began` or `resumed`.
  ///   - observe: looks on.
  /// - Returns: as `drive(handle:observe:)`.
  /// - Throws: as `drive(handle:observe:)`.
  package func drive(
    _ run: RecordedRun,
    from event: Event,
    observe: Observer
  ) throws(SystemError) -> RunOutcome {
    // What the watch wakes the loop for is looked at in each of its turns.
    try run.file.watch(on: machinery.loop) {}
    return try drive(
      from: event,
      handle: { run.handle($0, at: $1) },
      release: { run.released(at: $0) },
      observe: { now, event, actions in
        if event == nil { run.requestSync() }
        observe(now, event, actions)
      }
    )
  }

  private func drive(
    from event: Event,
    handle: Handler,
    release: (Instant) -> [Action],
    observe: Observer
  ) throws(SystemError) -> RunOutcome {
    let signals = try SignalWatch()
    machinery.spawner.noteIgnoredSignals()
    let mask = umask(0o022)
    defer {
      umask(mask)
      machinery.groups.close()
      machinery.spawner.restoreDescriptorLimit()
      signals.restore()
    }
    let watch = try machinery.loop.watch(signals.number, for: .reading) { [self] in
      while let number = signals.next() {
        if number != SIGHUP { events.append(.cancelled(signal: number)) }
      }
    }
    defer {
      machinery.loop.cancel(watch)
      // A daemon in the foreground of its start program is still watched, and stays.
      machinery.loop.clear()
    }
    var ticker: TimerToken?
    events = [event]
    do {
      while true {
        if let outcome = handleEvents(handle, observe) { return outcome }
        for action in release(.now) {
          if let outcome = perform(action) { return outcome }
        }
        if !events.isEmpty { continue }
        observe(.now, nil, [])
        if let tick, ticker == nil {
          ticker = machinery.loop.arm(after: tick) { ticker = nil }
        }
        try machinery.loop.turn(mayWait: true)
      }
    } catch {
      abandonAll()
      throw error
    }
  }

  /// Where the last attempt of a step began to write in its logs: how much was in them before.
  ///
  /// - Returns: nil where it did not come to open any.
  package func logBeginnings(of node: NodeID) -> LogSizes? { logBeginnings[node] }

  /// Tells the run everything that has happened; what it asks for may make more happen.
  private func handleEvents(_ handle: Handler, _ observe: Observer) -> RunOutcome? {
    while !events.isEmpty {
      swap(&batch, &events)
      defer { batch.removeAll(keepingCapacity: true) }
      for event in batch {
        let now = Instant.now
        let actions = handle(event, now)
        observe(now, event, actions)
        for action in actions {
          if let outcome = perform(action) { return outcome }
        }
      }
    }
    return nil
  }

  private func perform(_ action: Action) -> RunOutcome? {
    switch action {
    case .start(let node, let attempt, let cause): start(node, attempt, cause)
    case .recover(let node, let attempt): recover(node, attempt)
    case .terminate(let node): attempts[node]?.terminate()
    case .kill(let node): attempts[node]?.kill()
    case .ask(let node, let condition):
      let vm = launcher(of: node)?.vm
      events.append(.answered(node, vm.map { condition.holds(on: $0) } ?? false))
    case .arm(let timer, let moment):
      if let armed = timers[timer] { machinery.loop.disarm(armed) }
      timers[timer] = machinery.loop.arm(at: moment) { [self] in
        timers[timer] = nil
        events.append(.fired(timer))
      }
    case .disarm(let timer):
      if let armed = timers.removeValue(forKey: timer) { machinery.loop.disarm(armed) }
    case .announce: break
    case .finish(let outcome): return outcome
    case .leave(let outcome):
      abandonAll()
      return outcome
    }
    return nil
  }

  func launcher(of node: NodeID) -> Launcher? {
    vms.index(of: graph[node].subject).map { launchers[$0] }
  }

  func start(_ node: NodeID, _ number: Int, _ cause: HandlerCause? = nil) {
    hasStarted = true
    let ended: (AttemptResult) -> Void = { [self] result in
      attempts[node] = nil
      if case .failed(let words) = result { lastWords[node] = words } else { lastWords[node] = nil }
      events.append(.ended(node, attempt: number, result))
    }
    if number > 1 { logBeginnings[node] = nil }
    let opened: (LogSizes) -> Void = { [self] sizes in
      // The command of a `wait` opens them with each look.
      if logBeginnings[node] == nil { logBeginnings[node] = sizes }
    }
    guard let launcher = launcher(of: node) else {
      return ended(.failed("there is no machine for \(graph.subjects.path(graph[node].subject))"))
    }
    let template = graph[node].template
    let subject = graph[node].subject
    let isReleaseJob = graph.subjects.scope(subject) == .releaseJob
    let releaseJob = isReleaseJob ? graph.subjects.name(subject) : nil
    if let releaseJob, let reason = CheckedName.refusal(of: releaseJob) {
      return ended(.failed("the release job \(quoted(releaseJob)) is refused: its name \(reason)"))
    }
    let step = graph.steps[template]
    let started: (Int32?) -> Void = { [self] process in
      events.append(.started(node, attempt: number, process: process))
    }
    switch step.action {
    case .script(let name):
      guard let releaseJob else {
        return ended(.failed("only a release job has scripts"))
      }
      run(node, started, ended) { () throws(LaunchFailure) -> LaunchedProcess in
        try launcher.script(name, of: releaseJob, template, step, opened: opened)
      }
    case .run(let command):
      if var held = heldStep(node, number, launcher, of: releaseJob) {
        held.variables = variables(of: node, attempt: number, cause)
        let attempt = HeldCommandAttempt(held, opened: opened, started: started, ended: ended)
        attempts[node] = attempt
        return attempt.begin()
      }
      let told = variables(of: node, attempt: number, cause)
      run(node, started, ended) { () throws(LaunchFailure) -> LaunchedProcess in
        try launcher.command(command, of: releaseJob, template, step, told, opened: opened)
      }
    case .wait(let probe):
      let told = variables(of: node, attempt: number, cause)
      let look = probe.look(on: launcher.vm, machinery) { command throws(LaunchFailure) in
        try launcher.command(command, of: releaseJob, template, step, told, opened: opened)
      }
      let wait = WaitAttempt(machinery.loop, every: step.every, look: look, ended: ended)
      attempts[node] = wait
      events.append(.started(node, attempt: number, process: nil))
      wait.begin()
    case .start: order(.start, node, number, ended)
    case .stop: order(.stop, node, number, ended)
    case .startUnits(let units): order(.start, units: units, node, number, ended)
    case .stopUnits(let units): order(.stop, units: units, node, number, ended)
    case .unmonitor: order(.unmonitor, node, number, ended)
    case .drain(let arguments):
      guard let releaseJob else {
        return ended(.failed("only a release job has a drain script"))
      }
      let drain = launcher.drain(of: releaseJob, arguments, step, opened: opened)
      let attempt = DrainAttempt(
        machinery,
        isStrict: step.isStrict,
        patience: drainPatience,
        ask: drain,
        remark: { [self] in remarks.append(Remark(node: node, kind: $0, text: $1)) },
        started: started,
        ended: ended
      )
      attempts[node] = attempt
      attempt.begin()
    }
  }

  private func run(
    _ node: NodeID,
    _ started: @escaping (Int32?) -> Void,
    _ ended: @escaping (AttemptResult) -> Void,
    _ launch: @escaping () throws(LaunchFailure) -> LaunchedProcess
  ) {
    let attempt = ProcessAttempt(machinery, launch: launch, started: started, ended: ended)
    attempts[node] = attempt
    attempt.begin()
  }

  private func order(
    _ verb: SupervisorOrder.Verb,
    units: [String] = [],
    _ node: NodeID,
    _ number: Int,
    _ ended: @escaping (AttemptResult) -> Void
  ) {
    let subject = graph[node].subject
    guard let index = vms.index(of: subject) else { return }
    let supervisor: any Supervisor
    do throws(PlainFailure) {
      supervisor = try self.supervisor(index, isForUnits: !units.isEmpty)
    } catch {
      return ended(.failed(error.words))
    }
    let vm = launchers[index].vm
    let members = graph.subjects.members(of: subject, at: .releaseJob)
    let order = SupervisorOrder(
      verb: verb,
      releaseJobs: members.map { graph.subjects.name($0) },
      units: units,
      isWholeInstance: graph.subjects.scope(subject) != .releaseJob,
      settle: graph.steps[graph[node].template].settle,
      remark: { [self] in remarks.append(Remark(node: node, kind: $0, text: $1)) }
    )
    // Named units are none of a VM's own processes.
    if verb == .start, units.isEmpty {
      do throws(PlainFailure) {
        try StoppedMarker.remove(on: vm)
      } catch {
        return ended(.failed(error.words))
      }
    }
    attempts[node] = supervisor.begin(order) { result in
      guard verb == .stop, result == .exited(0), units.isEmpty, order.isAll(of: vm) else {
        return ended(result)
      }
      do throws(PlainFailure) {
        try StoppedMarker.write(on: vm)
        ended(result)
      } catch {
        ended(.failed(error.words))
      }
    }
    events.append(.started(node, attempt: number, process: nil))
  }

  /// Who starts and stops processes on a machine, or units that the plan names; made once.
  private func supervisor(
    _ index: Int,
    isForUnits: Bool
  ) throws(PlainFailure) -> any Supervisor {
    if let known = isForUnits ? unitSupervisors[index] : supervisors[index] { return known }
    let vm = launchers[index].vm
    if isForUnits {
      let made = try choice.makeForUnits(for: vm, machinery)
      unitSupervisors[index] = made
      return made
    }
    let made = try choice.make(for: vm, machinery)
    supervisors[index] = made
    return made
  }

  private func abandonAll() {
    for attempt in attempts.values { attempt.abandon() }
    attempts.removeAll()
    machinery.sessions.finishAbandoning()
  }
}
