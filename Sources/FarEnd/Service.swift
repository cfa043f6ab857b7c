import Clock
import Execution
import Machine
import PlanGraph
import System
import VM
import Wire
import Words

/// Does what a near end asks for, from its hello to the end of its run.
///
/// It outlives connections: the next one starts again with a hello, and finds everything as it was.
final class Service {
  /// The run that it works for; nil before `begin`, and after the run is over.
  private(set) var run: FarRun?
  /// Whether a near end has said hello.
  private(set) var isAddressed = false

  /// Whether that hello was answered well.
  private var isGreeted = false
  private let loop: EventLoop
  private let version: String
  private var send: (FarMessage) -> Void = { _ in }
  private var machineryMade: Machinery?
  private var vm: VMFolder?
  private var lock: VMLock?
  private var lockWait: LockWait?
  /// What came while the lock is waited for.
  private var waiting: [NearMessage] = []
  private var leftovers: Leftovers?
  /// The plan that is coming in, in parts, and a digest of them.
  private var incoming: (plan: VMPlan, digest: Digest64)?
  private var plan: (plan: VMPlan, digest: UInt64)?

  init(_ loop: EventLoop, version: String) {
    self.loop = loop
    self.version = version
  }

  /// Whether anything is under way that must be seen to its end.
  var isBusy: Bool { run?.isBusy == true }

  /// Hears that there is a near end.
  func connect(_ send: @escaping (FarMessage) -> Void) {
    self.send = send
    isGreeted = false
    run?.send = send
    run?.connected()
  }

  /// Hears that there is none any more.
  func disconnect() {
    send = { _ in }
    lockWait?.cancel()
    lockWait = nil
    waiting = []
    leftovers = nil
    incoming = nil
    run?.send = { _ in }
    run?.disconnected()
  }

  /// Puts everything back.
  func close() { run?.finish(isOver: false) }

  /// Does what a message asks for.
  func take(_ message: NearMessage) {
    switch message {
    case .ping: send(.pong)
    // A near end that was here before sends all that it needs without waiting for answers.
    case _ where lockWait != nil: waiting.append(message)
    case .hello(let hello): greet(hello)
    default:
      guard isGreeted, let vm else { return fail("nothing can be asked for before a hello") }
      take(message, on: vm)
    }
  }

  private func take(_ message: NearMessage, on vm: VMFolder) {
    switch message {
    case .hello, .ping: break
    case .lock(let patience): take(lock: vm, patience)
    case .plan(let part): add(part)
    case .check(let supervisor, let leftOut):
      guard let plan else { return fail("a plan is checked before it was sent") }
      guard let choice = SupervisorChoice(words: supervisor) else { return unknown(supervisor) }
      send(plan.plan.check(on: vm, choice, leavingOut: leftOut))
    case .look(let run):
      let left = Leftovers(on: vm, but: run.flatMap { RunID($0) }, isOnlyLooking: lock == nil)
      leftovers = left
      send(left.message)
    case .settle(let isEnding): settle(isEnding)
    case .begin(let begin): start(begin, on: vm)
    case .ask(let node, let condition): send(.answered(node, condition.holds(on: vm)))
    case .start, .recover, .terminate, .kill, .tail, .abandon, .finish:
      guard let run else { return fail("a step is asked for before its run has begun") }
      take(message, run)
    }
  }

  private func take(_ message: NearMessage, _ run: FarRun) {
    switch message {
    case .start(let node, let attempt, let cause): run.start(node, attempt, cause)
    case .recover(let node, let attempt): run.recover(node, attempt)
    case .terminate(let node): run.terminate(node)
    case .kill(let node): run.kill(node)
    case .tail(let node): send(.tail(node, run.tail(of: node)))
    case .abandon: run.abandon()
    case .finish(let isOver): finish(run, isOver)
    default: break
    }
  }

  private func fail(_ words: String) { send(.failed(words)) }

  private func refuse(_ problem: Problem) { send(.refused([WireProblem(problem)])) }

  private func unknown(_ supervisor: String) {
    fail("this lockstep, \(version), knows no supervisor '\(supervisor)'")
  }

  private func machinery() throws(SystemError) -> Machinery {
    if let machineryMade { return machineryMade }
    let made = try Machinery(on: loop)
    machineryMade = made
    return made
  }

  // MARK: Before a run

  private func greet(_ hello: NearMessage.Hello) {
    isAddressed = true
    if hello.version != WireProtocol.version {
      return fail(
        "this lockstep, \(version), speaks version \(WireProtocol.version) of the protocol, and the "
          + "coordinator speaks version \(hello.version); both must speak the same"
      )
    }
    do throws(VMRefusal) {
      let opened: VMFolder
      if let vm, lock != nil {
        // What is locked stays what it is.
        opened = vm
      } else {
        opened = try VMFolder(hello.root ?? VMFolder.defaultPath)
      }
      vm = opened
      isGreeted = true
      send(.welcome(VMReport(opened, version: version)))
    } catch {
      send(.refused(error.problems.map { WireProblem($0) }))
    }
  }

  private func take(lock vm: VMFolder, _ patience: Duration) {
    if lock != nil { return send(.locked) }
    lockWait?.cancel()
    let wait = LockWait(vm, loop, patience: patience) { [unowned self] problem in
      send(.waiting(problem.what))
    } ended: { [unowned self] result in
      lockWait = nil
      switch result {
      case .success(let taken):
        lock = taken
        send(.locked)
      case .failure(let problem):
        waiting = []
        refuse(problem)
      }
      let waited = waiting
      waiting = []
      for message in waited { take(message) }
    }
    lockWait = wait
    wait.begin()
  }

  private func add(_ part: PlanPart) {
    var coming = incoming ?? (VMPlan(), Digest64())
    incoming = nil
    NearMessage.plan(part).payload.withUnsafeBytes { coming.digest.add($0) }
    do throws(WireFailure) {
      try coming.plan.add(part)
    } catch {
      return fail(error.words)
    }
    if !coming.plan.isWhole {
      incoming = coming
      return
    }
    if let run, plan?.digest != coming.digest.value {
      if run.isBusy {
        return refuse(
          Problem(
            path: run.folder.path,
            what: "steps of the plan as it was are still under way",
            help: "wait until they have ended"
          )
        )
      }
      // It is begun again with the plan as it is now.
      run.finish(isOver: false)
      self.run = nil
    } else if run != nil {
      return send(.planned)
    }
    plan = (coming.plan, coming.digest.value)
    send(.planned)
  }

  private func settle(_ isEnding: Bool) {
    guard let leftovers, lock != nil else { return fail("what is left was not looked for") }
    do {
      leftovers.settle(isEnding: isEnding, try machinery()) { [unowned self] in send(.settled) }
    } catch {
      fail("\(error)")
    }
  }

  // MARK: A run

  private func start(_ begin: NearMessage.Begin, on vm: VMFolder) {
    guard lock != nil else { return fail("a run begins before the VM is locked") }
    guard let plan else { return fail("a run begins before its plan was sent") }
    guard let id = RunID(begin.run) else { return fail("'\(begin.run)' is no name of a run") }
    if let run {
      guard run.folder.id == id else {
        return fail("run \(run.folder.id) is under way here, not run \(id)")
      }
      run.resume(begin)
      return answer(run)
    }
    guard let choice = SupervisorChoice(words: begin.supervisor) else {
      return unknown(begin.supervisor)
    }
    do {
      let made = try FarRun(
        begin,
        id,
        on: vm,
        plan.plan,
        choice,
        try machinery(),
        coordinators: leftovers?.coordinators ?? []
      )
      made.send = send
      run = made
      leftovers?.finish(
        for: id,
        plan: plan.plan.graph.planName,
        coordinator: begin.coordinator
      )
      leftovers = nil
      answer(made)
    } catch let problem as Problem {
      refuse(problem)
    } catch {
      fail("\(error)")
    }
  }

  private func answer(_ run: FarRun) {
    send(
      .begun(FarMessage.Begun(boot: bootIdentifier() ?? "", underWay: run.attempts))
    )
  }

  private func finish(_ run: FarRun, _ isOver: Bool) {
    run.finish(isOver: isOver)
    self.run = nil
    plan = nil
    // Whoever comes next must not have to wait for our end.
    lock = nil
    send(.finished)
  }
}
