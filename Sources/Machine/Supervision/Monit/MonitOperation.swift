import Clock
import Execution
import Glibc
import System
import VM
import Words

/// An order under monit: asks for an action on each of its services and looks until it came about.
///
/// Of several actions on one service monit only remembers the last, so that nothing is asked while
/// one is pending. A look after an action was taken shows at least that it is pending.
final class MonitOperation {
  /// What is known of one service.
  private struct Watched {
    var name: String
    /// Whether the action was asked for, or was not needed.
    var isAsked = false
    var isDone = false
    var stopping = Stopping.notAsked
    /// The process that a stop has to end.
    var process: ProcessIdentity?
    /// Since when the same process has been running, for a start, and monit's own look at that time.
    var running: (process: Int32, since: Instant, collected: String)?
    /// The process that was gone while monit did not look at it.
    var gone: Int32?
    /// When monit was asked for a start.
    var asked: Instant?
    /// How often a process that ran did not stay.
    var restarts = 0
    /// Looks in a row at which monit had given the service up.
    var givenUp = 0
    /// Whether monit called its start or stop program failing before it was asked for a stop.
    var wasProgramFailing = false
    /// Why a stop has failed, as the end of a sentence that begins with its name.
    var failure: String?
    var words = "was not looked at yet"
    /// Whether it is on its way as it should be.
    var isAsFar = true
  }

  /// How far a stop is.
  private enum Stopping {
    case notAsked, first, between, second
  }

  /// What an order wants next.
  enum Next {
    /// These actions on these services.
    case act([(service: String, action: String)])
    case wait
    case end(AttemptResult)
  }

  private let order: SupervisorOrder
  private let vm: VMFolder
  private var services: [Watched]?
  private var pidFiles: [String: PidFile] = [:]
  /// How long the start programs may take, by the name of the process.
  private var startTimes: [String: Duration] = [:]
  private var incarnation: String?
  private var said: Set<String> = []

  init(_ order: SupervisorOrder, on vm: VMFolder) {
    self.order = order
    self.vm = vm
  }

  /// Looks at a state that was asked for after everything else was.
  func take(_ status: MonitStatus, at now: Instant) -> Next {
    if let incarnation, incarnation != status.incarnation {
      return .end(
        .failed(
          "monit was restarted or reloaded meanwhile, and has forgotten what was asked of it; "
            + "resume the run"
        )
      )
    }
    incarnation = status.incarnation
    var services: [Watched]
    if let known = self.services {
      services = known
    } else {
      do throws(PlainFailure) {
        services = try names(status).map { Watched(name: $0) }
      } catch {
        return .end(.failed(error.words))
      }
    }
    var actions: [(service: String, action: String)] = []
    for index in services.indices where !services[index].isDone {
      guard let service = status.services[services[index].name] else {
        return .end(
          .failed(
            "monit does not know the process \(quoted(services[index].name)); have its control file "
              + "include the monit file that declares it, reload monit, then resume the run"
          )
        )
      }
      let action = look(at: service, &services[index], now)
      if let action { actions.append((service.name, action)) }
      if let failure = services[index].failure {
        return .end(
          .failed("\(quoted(service.name)) \(failure); see monit's log, then resume the run")
        )
      }
      if services[index].givenUp > 3 {
        return .end(
          .failed(
            "monit does not watch \(quoted(service.name)) any more: it gave up, or somebody stopped "
              + "or unmonitored it; see monit's log, then resume the run"
          )
        )
      }
    }
    self.services = services
    tell()
    if !actions.isEmpty { return .act(actions) }
    return services.allSatisfy(\.isDone) ? .end(.exited(0)) : .wait
  }

  /// A process that is to be started and that monit does not know; nil where it knows all, or has been
  /// asked for something already.
  func unknownProcess(_ status: MonitStatus) -> String? {
    if order.verb != .start || services != nil { return nil }
    for releaseJob in order.releaseJobs {
      let declared = (try? ReleaseJobProcesses.read(of: releaseJob, on: vm)) ?? []
      for process in declared where status.services[process.name] == nil { return process.name }
    }
    return nil
  }

  /// Forgets what monit was asked for: it was reloaded by ourselves, and has forgotten it, too.
  func monitWasReloaded() {
    incarnation = nil
    services = nil
  }

  /// Tells people something about all of it, once.
  func tell(_ words: String) {
    if said.insert(words).inserted { order.remark(.state, words) }
  }

  /// Tells people, of each service, what keeps it from being done, once.
  private func tell() {
    for service in services ?? [] where !service.isDone && service.isAsked {
      // Twice, four times, eight times: a service that flaps has a line now and then.
      let restarts = service.restarts & (service.restarts - 1) == 0 ? service.restarts : -1
      let isOrdinary = service.restarts == 0 && service.isAsFar
      if isOrdinary || restarts < 0 { continue }
      guard said.insert("\(service.name) \(service.words) \(restarts)").inserted else { continue }
      order.remark(.state, Self.words(service))
    }
  }

  private static func words(_ service: Watched) -> String {
    let restarts =
      service.restarts == 0
      ? ""
      : service.restarts == 1 ? " (restarted once)" : " (restarted \(service.restarts) times)"
    return "\(quoted(service.name)) \(service.words)\(restarts)"
  }

  /// What is not as it should be, for people.
  var words: String {
    guard let services else { return "monit did not answer yet" }
    let left = services.filter { !$0.isDone }
    return left.map(Self.words).joined(separator: "; ")
  }

  /// The services of the order: for a whole instance what monit has in group vcap, which may be more
  /// than the release jobs declare; else what their own files declare.
  private func names(_ status: MonitStatus) throws(PlainFailure) -> [String] {
    var declared: [String] = []
    for releaseJob in order.releaseJobs {
      try SystemdUnits.requireNone(of: releaseJob, on: vm)
      for process in try ReleaseJobProcesses.read(of: releaseJob, on: vm) {
        declared.append(process.name)
        startTimes[process.name] = process.start?.timeout
        if case .pidFile(let path) = process.identity {
          pidFiles[process.name] = PidFile(
            path: PlacedProcess.absolute(path, vm),
            processName: process.name,
            vmPath: vm.path,
            patience: process.start?.timeout ?? ControlProgram.standardTimeout
          )
        }
      }
    }
    if !order.isWholeInstance { return declared }
    var group = status.groups[MonitoredProcess.boshGroup] ?? []
    group = group.filter { status.services[$0]?.type == MonitStatus.Service.processType }
    // A start that leaves one out that monit does not know would pass with nothing started.
    let unknown = declared.filter { order.verb == .start && status.services[$0] == nil }
    return group + unknown
  }

  private func look(
    at service: MonitStatus.Service,
    _ watched: inout Watched,
    _ now: Instant
  ) -> String? {
    watched.words = service.words
    watched.isAsFar = service.pendingAction == 0 && service.status == 0
    if service.pendingAction != 0 { return nil }
    switch order.verb {
    case .start: return lookAtStart(service, &watched, now)
    case .stop: return lookAtStop(service, &watched)
    case .unmonitor:
      watched.isDone = !service.isMonitored
      if watched.isDone || watched.isAsked { return nil }
      watched.isAsked = true
      return "unmonitor"
    }
  }

  private func lookAtStart(
    _ service: MonitStatus.Service,
    _ watched: inout Watched,
    _ now: Instant
  ) -> String? {
    guard service.isWell, let process = process(of: service) else {
      // One that is not watched any more was stopped or unmonitored, and not restarted.
      if let running = watched.running, service.isMonitored {
        if service.isWaiting {
          watched.gone = running.process
        } else {
          watched.restarts += 1
        }
      }
      watched.running = nil
      if watched.isAsked {
        watched.givenUp = service.isMonitored ? 0 : watched.givenUp + 1
        return nil
      }
      // Just started itself, monit is about to look.
      if service.isInitializing, service.status == 0 { return nil }
      watched.isAsked = true
      watched.asked = now
      return "start"
    }
    watched.isAsked = true
    watched.givenUp = 0
    if let gone = watched.gone, gone != process { watched.restarts += 1 }
    watched.gone = nil
    guard let running = watched.running, running.process == process else {
      if watched.running != nil, !isStarting(watched, now) { watched.restarts += 1 }
      watched.running = (process, now, service.collected)
      watched.words = "runs, but not for long enough yet"
      return nil
    }
    watched.words = "runs, but not for long enough yet"
    // What monit has seen once may have been dead for a whole poll. What it passes over until its
    // cycle was looked at by ourselves.
    let isSeen = service.isWaiting || running.collected != service.collected
    watched.isDone = isSeen && now - running.since >= order.settle
    if watched.isDone, case .another(let reason) = pidFiles[service.name]?.look() {
      watched.failure = "is no more than taken for running by monit: \(reason); remove that file"
    }
    return nil
  }

  /// The process of a service; monit tells none, or an old one, of what waits for its cycle.
  private func process(of service: MonitStatus.Service) -> Int32? {
    guard service.isWaiting, let pidFile = pidFiles[service.name] else { return service.process }
    if case .running(let identity) = pidFile.look() { return identity.process }
    return nil
  }

  /// Whether a service is still within the time that its start program has: a daemon may hand its pid
  /// file on for so long.
  private func isStarting(_ watched: Watched, _ now: Instant) -> Bool {
    guard let asked = watched.asked else { return false }
    return now - asked < startTimes[watched.name] ?? ControlProgram.standardTimeout
  }

  /// What is to be stopped is mostly not watched any more, because BOSH's order is unmonitor, drain,
  /// stop.
  ///
  /// monit 5.2 then runs the stop program, 5.33 only says that it has: so where the process is still
  /// there, it is watched again and stopped once more.
  private func lookAtStop(
    _ service: MonitStatus.Service,
    _ watched: inout Watched
  ) -> String? {
    switch watched.stopping {
    case .notAsked:
      // monit shows no process of a service that it does not watch.
      switch pidFiles[service.name]?.look() {
      case .running(let identity): watched.process = identity
      case .another: break
      case .notRunning, .unusable, nil:
        if let process = service.process, let stat = ProcessStat(process), !stat.isDead {
          watched.process = ProcessIdentity(process: process, startTime: stat.startTime)
        }
      }
      watched.wasProgramFailing = service.isProgramFailing
      watched.stopping = .first
      return "stop"
    case .first, .second:
      if service.isProgramFailing, !watched.wasProgramFailing, isAlive(watched.process) {
        watched.failure = service.failureWords
        return nil
      }
      if service.isMonitored { return nil }
      if !isAlive(watched.process) {
        watched.isDone = true
        return nil
      }
      let process = watched.process.map { " \($0.process)" } ?? ""
      watched.words = "was stopped by monit, but its process\(process) still runs"
      if watched.stopping == .second {
        // Told, since monit does nothing more; yet one that takes longer than monit waits for it
        // ends all the same.
        watched.isAsFar = false
        watched.isAsked = true
        return nil
      }
      watched.stopping = .between
      return "monitor"
    case .between:
      let isWatched = service.isMonitored && !service.isInitializing
      if isAlive(watched.process), !isWatched { return nil }
      watched.stopping = .second
      return "stop"
    }
  }

  private func isAlive(_ identity: ProcessIdentity?) -> Bool {
    guard let identity, let stat = ProcessStat(identity.process) else { return false }
    return !stat.isDead && stat.startTime == identity.startTime
  }
}
