import CLinux
import Execution
import Glibc
import System
import VM
import Words

/// Starts the start and stop programs of control files the way monit does.
///
/// They run without a shell, in their own session, in the folder `/`, with monit's PATH and
/// `MONIT_…` variables as their whole environment (monit(1), *Environment*; 5.2 empties it, 5.33
/// does not), and the user's HOME for `as uid`. monit discards their output. Here it is kept in
/// `sys/log/<release job>/<process>.ctl.{stdout,stderr}.log`; a daemon that did not redirect its
/// output writes there.
final class ControlPrograms {
  /// What a program is run for.
  enum Purpose: String {
    case start = "Started"
    case stop = "Stopped"
  }

  private static let searchPath = "PATH=/bin:/usr/bin:/sbin:/usr/sbin"
  /// From util-linux, on every Debian and Ubuntu.
  ///
  /// It changes the user in the process itself, so there is no process between the start program
  /// and us.
  private static let changer = "setpriv"
  private static let changerFolders = ["/usr/bin", "/bin"]

  let vm: VMFolder
  private let machinery: Machinery
  private let logs: LogStore
  private let folder: Descriptor
  /// What earlier coordinators have left.
  ///
  /// They are gone, so there will be no more of it.
  private lazy var earlier = EarlierProgram.all(on: [vm])

  init(vm: VMFolder, _ machinery: Machinery) throws(SystemError) {
    self.vm = vm
    self.machinery = machinery
    logs = LogStore(vm: vm)
    folder = try Descriptor.folder("/")
  }

  /// The log of a process's programs without its last part, for messages.
  func log(of placed: PlacedProcess) -> String {
    vm.absolute("\(vm.logsPath)/\(placed.releaseJob)/\(stem(placed)).stderr.log")
  }

  private func stem(_ placed: PlacedProcess) -> String {
    "\(StepLogNames.fileName(placed.process.name)).ctl"
  }

  /// Makes the attempt of a program; its `begin` starts it.
  ///
  /// - Parameters:
  ///   - program: the program.
  ///   - purpose: what for.
  ///   - placed: the process.
  ///   - process: the process as it runs now; nil if it does not.
  ///   - ended: called once, when the program itself has ended.
  /// - Returns: the attempt.
  func attempt(
    _ program: ControlProgram,
    for purpose: Purpose,
    of placed: PlacedProcess,
    _ process: pid_t?,
    ended: @escaping (AttemptResult) -> Void
  ) -> ProcessAttempt {
    ProcessAttempt(
      machinery,
      launch: { [self] () throws(LaunchFailure) -> LaunchedProcess in
        try launch(program, purpose, placed, process)
      },
      started: { _ in },
      ended: ended
    )
  }

  /// Makes the wait for a program of a process that an earlier coordinator has started.
  ///
  /// - Parameters:
  ///   - verb: what it was started for.
  ///   - placed: the process.
  ///   - done: called once, as `EarlierProgramWait` says.
  /// - Returns: nil if there is no such program at work.
  func wait(
    forEarlier verb: SupervisorOrder.Verb,
    of placed: PlacedProcess,
    done: @escaping (String?) -> Void
  ) -> EarlierProgramWait? {
    let found = earlier.first {
      $0.verb == verb && $0.placed.process.name == placed.process.name && $0.isAtWork
    }
    guard let found else { return nil }
    let program = verb == .start ? placed.process.start : placed.process.stop
    return EarlierProgramWait(
      found,
      limit: program?.timeout ?? ControlProgram.standardTimeout,
      on: machinery.loop,
      done: done
    )
  }

  /// Begins a wait.
  func begin(_ wait: EarlierProgramWait) { wait.begin(machinery) }

  private func launch(
    _ program: ControlProgram,
    _ purpose: Purpose,
    _ placed: PlacedProcess,
    _ process: pid_t?
  ) throws(LaunchFailure) -> LaunchedProcess {
    var environment = [
      Self.searchPath,
      "MONIT_SERVICE=\(placed.process.name)",
      "MONIT_HOST=\(Self.hostName)",
      "MONIT_DATE=\(Self.date)",
      "MONIT_EVENT=\(purpose.rawValue)",
      "MONIT_DESCRIPTION=\(purpose.rawValue)",
      "MONIT_PROCESS_PID=\(process ?? 0)",
    ]
    var arguments = program.arguments
    arguments[0] = PlacedProcess.absolute(arguments[0], vm)
    let target = arguments[0]
    if let fault = ExecutableFault.find(target) {
      throw .refused("\(target) \(fault.what); \(fault.help)")
    }
    let identity = try identity(of: program)
    // This check comes last, because only root can replace what it has accepted.
    if identity?.becomesAnother != true, let problem = vm.intrusion(atProgram: target) {
      throw .refused(problem.description)
    }
    if let identity {
      arguments = identity.arguments + arguments
      if let home = identity.home { environment.append("HOME=\(home)") }
    }
    let pair: LogPair
    do {
      pair = try logs.open(folder: placed.releaseJob, stem: stem(placed))
    } catch {
      switch error {
      case .refused(let reason): throw .refused(reason)
      case .exhausted(let number): throw machinery.shortage(number, "its logs cannot be opened")
      }
    }
    do throws(SpawnFailure) {
      let spawned = try machinery.spawner.spawn(
        ProgramStart(
          path: arguments[0],
          arguments: CStrings(arguments),
          environment: CStrings(environment),
          folder: folder.number,
          stdout: pair.stdout.number,
          stderr: pair.stderr.number,
          isLowered: false,
          // What it starts is a daemon, and meant to stay.
          group: nil
        )
      )
      return LaunchedProcess(spawned: spawned, path: arguments[0], folder: folder.number)
    } catch {
      throw error.launchFailure(arguments[0], in: folder.number)
    }
  }

  // MARK: as uid, as gid

  private struct Identity {
    /// What is put in front of the program.
    var arguments: [String]
    var home: String?
    /// Whether it is another user's rights that the program has.
    var becomesAnother: Bool
  }

  /// How to change to a program's user and group; nil if it runs as we do.
  private func identity(of program: ControlProgram) throws(LaunchFailure) -> Identity? {
    if program.user == nil, program.group == nil { return nil }
    var user: User?
    var group: gid_t?
    if let name = program.user {
      guard let found = Self.user(name) else {
        throw .refused("there is no user \(quoted(name)) ('as uid')")
      }
      user = found
    }
    if let name = program.group {
      guard let found = Self.group(name) else {
        throw .refused("there is no group \(quoted(name)) ('as gid')")
      }
      group = found
    }
    let isSame = (user?.id ?? geteuid()) == geteuid() && (group ?? getegid()) == getegid()
    let becomesAnother = user.map { $0.id != geteuid() } ?? false
    if isSame { return Identity(arguments: [], home: user?.home, becomesAnother: false) }
    if geteuid() != 0 {
      throw .refused(
        "only root may start a program as another user ('as uid', 'as gid'); run as root"
      )
    }
    let candidates = Self.changerFolders.map { folder in "\(folder)/\(Self.changer)" }
    guard let changer = candidates.first(where: { path in access(path, X_OK) == 0 }) else {
      throw .refused("'as uid' and 'as gid' need \(Self.changer) of util-linux; install it")
    }
    var arguments = [changer]
    if let group { arguments.append("--regid=\(group)") }
    if let user { arguments.append("--reuid=\(user.id)") }
    arguments.append(
      user == nil ? "--keep-groups" : user?.home == nil ? "--clear-groups" : "--init-groups"
    )
    arguments.append("--")
    return Identity(arguments: arguments, home: user?.home, becomesAnother: becomesAnother)
  }

  private struct User {
    var id: uid_t
    /// nil for a number without an entry, and so without groups.
    var home: String?
  }

  private static func user(_ name: String) -> User? {
    let number = uid_t(name)
    guard let entry = number.map({ getpwuid($0) }) ?? getpwnam(name) else {
      return number.map { User(id: $0, home: nil) }
    }
    let home = entry.pointee.pw_dir.map { String(cString: $0) } ?? "/"
    return User(id: entry.pointee.pw_uid, home: home)
  }

  private static func group(_ name: String) -> gid_t? {
    if let number = gid_t(name) { return number }
    return getgrnam(name)?.pointee.gr_gid
  }

  // MARK: Environment

  private static var hostName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, gethostname(base, buffer.count - 1) == 0 else {
        return "localhost"
      }
      buffer[buffer.count - 1] = 0
      return String(cString: base)
    }
  }

  /// RFC 822, as monit writes it.
  private static var date: String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      let length = strftime(base, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      return length > 0 ? String(cString: base) : ""
    }
  }
}
