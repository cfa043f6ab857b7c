import Clock
import Execution
import Glibc
import System
import VM
import Words

/// An order under monit: requests an action on each of its services and checks until it is done.
///
/// Monit remembers only the last of several actions on a service, so nothing is requested while one
/// is pending. A status taken after monit has accepted an action shows at least that it is pending.
final class MonitOperation {
  /// What is known of one service.
  private struct Watched {
    var name: String
    /// Whether the action was requested, or was not needed.
    var isAsked = false
    var isDone = false
    var stopping = Stopping.notAsked
    /// The process that a stop must end.
    var process: ProcessIdentity?
    /// For a start: since when the same process has been running, and monit's own check at that
    /// time.
    var running: (process: Int32, since: Instant, collected: String)?
    /// The process that disappeared while monit did not check it.
    var gone: Int32?
    /// When a start was requested from monit.
    var asked: Instant?
    /// How often a running process disappeared.
    var restarts = 0
    /// Number of checks in a row in which monit had given up the service.
    var givenUp = 0
    /// Whether monit reported a failing start or stop program before the stop was requested.
    var wasProgramFailing = false
    /// Why a stop has failed, as the end of a sentence that begins with its name.
    var failure: String?
    var words = "has not been checked yet"
    /// Whether it makes progress as expected.
    var isAsFar = true
  }

  /// How far a stop is.
  private enum Stopping {
    case notAsked, first, between, second
  }

  /// What an order needs next.
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
  /// How long each start program may take, by the name of its process.
  private var startTimes: [String: Duration] = [:]
  private var incarnation: String?
  private var said: Set<String> = []

  init(_ order: SupervisorOrder, on vm: VMFolder) {
    self.order = order
    self.vm = vm
  }

  /// Takes a status that was requested after everything else.
  func take(_ status: MonitStatus, at now: Instant) -> Next {
    if let incarnation, incarnation != status.incarnation {
      return .end(
        .failed(
          "monit was restarted or reloaded meanwhile and forgot what it was asked to do; "
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
      let action = check(at: service, &services[index], now)
      if let action { actions.append((service.name, action)) }
      if let failure = services[index].failure {
        return .end(
          .failed("\(quoted(service.name)) \(failure); see monit's log, then resume the run")
        )
      }
      if services[index].givenUp > 3 {
        return .end(
          .failed(
            "monit does not watch \(quoted(service.name)) any more: it gave up, or someone stopped "
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

  /// A process to start that monit does not know; nil if it knows all of them, or something was
  /// already requested.
  func unknownProcess(_ status: MonitStatus) -> String? {
    if order.verb != .start || services != nil { return nil }
    for releaseJob in order.releaseJobs {
      let declared = (try? ReleaseJobProcesses.read(of: releaseJob, on: vm)) ?? []
      for process in declared where status.services[process.name] == nil { return process.name }
    }
    return nil
  }

  /// Forgets what was requested: we have reloaded monit, and it has forgotten, too.
  func monitWasReloaded() {
    incarnation = nil
    services = nil
  }

  /// Announces something about the whole order, once.
  func tell(_ words: String) {
    if said.insert(words).inserted { order.remark(.state, words) }
  }

  /// Announces, once for each service, what is still missing.
  private func tell() {
    for service in services ?? [] where !service.isDone && service.isAsked {
      // The second, fourth, eighth time: a flapping service gets a line now and then.
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

  /// What is not done yet, for people.
  var words: String {
    guard let services else { return "monit did not answer yet" }
    let left = services.filter { !$0.isDone }
    return left.map(Self.words).joined(separator: "; ")
  }

  /// The services of the order.
  ///
  /// For a whole instance: monit's group vcap, which may contain more than the release jobs
  /// declare. Otherwise: what their own files declare.
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
    // Without those that monit does not know, a start could succeed with nothing started.
    let unknown = declared.filter { order.verb == .start && status.services[$0] == nil }
    return group + unknown
  }

  private func check(
    at service: MonitStatus.Service,
    _ watched: inout Watched,
    _ now: Instant
  ) -> String? {
    watched.words = service.words
    watched.isAsFar = service.pendingAction == 0 && service.status == 0
    if service.pendingAction != 0 { return nil }
    switch order.verb {
    case .start: return checkStart(service, &watched, now)
    case .stop: return checkStop(service, &watched)
    case .unmonitor:
      watched.isDone = !service.isMonitored
      if watched.isDone || watched.isAsked { return nil }
      watched.isAsked = true
      return "unmonitor"
    }
  }

  private func checkStart(
    _ service: MonitStatus.Service,
    _ watched: inout Watched,
    _ now: Instant
  ) -> String? {
    guard service.isWell, let process = process(of: service) else {
      // A service that is no longer monitored was stopped or unmonitored, not restarted.
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
      // Monit has just started and is about to check.
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
    // What monit has seen once may have been dead for a whole poll. What monit skips until its
    // cycle was checked by ourselves.
    let isSeen = service.isWaiting || running.collected != service.collected
    watched.isDone = isSeen && now - running.since >= order.settle
    if watched.isDone, case .another(let reason) = pidFiles[service.name]?.check() {
      watched.failure = "does not run, although monit thinks so: \(reason); remove that file"
    }
    return nil
  }

  /// The process of a service.
  ///
  /// Monit reports none, or an old one, for a service that waits for its cycle.
  private func process(of service: MonitStatus.Service) -> Int32? {
    guard service.isWaiting, let pidFile = pidFiles[service.name] else { return service.process }
    if case .running(let identity) = pidFile.check() { return identity.process }
    return nil
  }

  /// Whether a service is still within its start program's time: a daemon may pass its pid file on
  /// that long.
  private func isStarting(_ watched: Watched, _ now: Instant) -> Bool {
    guard let asked = watched.asked else { return false }
    return now - asked < startTimes[watched.name] ?? ControlProgram.standardTimeout
  }

  /// A service to stop is usually not monitored any more, because BOSH's order is unmonitor, drain,
  /// stop.
  ///
  /// Monit 5.2 then runs the stop program; 5.33 only claims to. So if the process still exists, it
  /// is monitored again and stopped again.
  private func checkStop(
    _ service: MonitStatus.Service,
    _ watched: inout Watched
  ) -> String? {
    switch watched.stopping {
    case .notAsked:
      // Monit shows no process for a service that it does not monitor.
      switch pidFiles[service.name]?.check() {
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
        // Reported, because monit does nothing more. A process that takes longer than monit waits
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
