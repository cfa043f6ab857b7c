import CLinux
import Glibc
import System
import VM

/// A process that may be a step of some run on a VM: it leads a session without a terminal, and its
/// output goes to a step's log.
///
/// A daemon that a script left behind on purpose can look the same.
struct StepProcess {
  var stat: ProcessStat
  var vm: VMFolder
  /// The folder of its log in `sys/log`: a release job's name, or the common one.
  var folder: String
  /// What the log is called, before `.stdout.log`.
  var stem: String
  var arguments: [String]

  var identity: ProcessIdentity {
    ProcessIdentity(process: stat.process, startTime: stat.startTime)
  }

  /// Searches all processes once.
  ///
  /// Processes started by programs of monit files are not among them: their logs are `PROCESS.ctl`.
  ///
  /// - Parameter vms: the VMs.
  /// - Returns: the processes, the oldest first.
  static func all(on vms: [VMFolder]) -> [StepProcess] {
    let logs = vms.compactMap { vm -> (vm: VMFolder, path: String)? in
      guard let folder = try? Descriptor.folder(vm.logsPath, in: vm.folder.number),
        let path = folder.realPath
      else { return nil }
      return (vm, path + "/")
    }
    if logs.isEmpty { return [] }
    var found: [StepProcess] = []
    for stat in ProcessStat.all()
    where stat.process == stat.session && stat.terminal == 0 && !stat.isDead
      && stat.process != getpid()
    {
      for number in [1, 2] {
        guard let path = readLink("/proc/\(stat.process)/fd/\(number)"),
          let (vm, prefix) = logs.first(where: { path.hasPrefix($0.path) }),
          let (folder, stem) = log(path.dropFirst(prefix.count)),
          // /var/log also has the logs of others.
          vm.path != VMFolder.wholeMachine || folder == StepLogNames.commonFolder
        else { continue }
        found.append(
          StepProcess(
            stat: stat,
            vm: vm,
            folder: folder,
            stem: stem,
            arguments: arguments(of: stat.process)
          )
        )
        break
      }
    }
    return found.sorted {
      ($0.stat.startTime, $0.stat.process) < ($1.stat.startTime, $1.stat.process)
    }
  }

  /// Which step log a path inside `sys/log` is; nil if it is none.
  ///
  /// The name may be followed by a rotation's suffix, or by a note that the file was removed.
  private static func log(_ path: Substring) -> (folder: String, stem: String)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    for ending in [".stdout.log", ".stderr.log"] {
      guard let range = parts[1].firstRange(of: ending) else { continue }
      let stem = String(parts[1][..<range.lowerBound])
      return stem.hasSuffix(".ctl") ? nil : (String(parts[0]), stem)
    }
    return nil
  }

  private static let longest = 1 << 18

  private static func arguments(of process: pid_t) -> [String] {
    var parts: [ArraySlice<UInt8>] = []
    // During execve(2), which takes hardly any time, a process has no arguments.
    for _ in 0..<20 {
      let bytes = (try? firstBytes(of: "/proc/\(process)/cmdline", limit: longest)) ?? []
      parts = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      if !parts.isEmpty || ProcessStat(process)?.isDead != false { break }
      usleep(1000)
    }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether it belongs to a user who may run steps there: only then are its arguments believed.
  private var isTrusted: Bool {
    let owner = FileStatus("/proc/\(stat.process)", follow: false)?.owner
    return owner == 0 || owner == geteuid()
      || owner != nil && owner == FileStatus(vm.path, follow: true)?.owner
  }

  /// The record that it keeps if it is a holder; nil if it is not.
  var heldRecord: HeldCommandRecord? {
    guard isTrusted, arguments.count > 8, arguments[0] == "lockstep", arguments[1] == "hold",
      arguments[2].hasPrefix("/")
    else { return nil }
    return HeldCommandRecord(folder: arguments[2], name: arguments[3])
  }

  /// The script of a release job that it executes as a step does; nil if it does not.
  ///
  /// A step's script has no arguments, unless it is a drain script. `#!` is followed by an
  /// interpreter and at most one argument (execve(2)). A process that such a script left behind has
  /// other arguments, because getting its own session with setsid(1) takes an execve(2).
  var script: String? {
    let path = "\(vm.path)/\(VMFolder.scriptPath(folder, stem))"
    guard let index = arguments.prefix(3).firstIndex(of: path), isTrusted else { return nil }
    return index == arguments.count - 1 || stem == "drain" ? path : nil
  }

  /// Whether a step of this name writes to its log.
  ///
  /// - Parameter name: as in `phase:web/0/nginx#statement`.
  /// - Returns: whether one does, judging by its log's name.
  func isLog(ofStepNamed name: String) -> Bool {
    guard let colon = name.firstIndex(of: ":"), let hash = name[colon...].firstIndex(of: "#") else {
      return false
    }
    let subject = name[name.index(after: colon)..<hash].split(separator: "/")
    let isReleaseJob = subject.count == 3
    guard folder == (isReleaseJob ? String(subject[2]) : StepLogNames.commonFolder) else {
      return false
    }
    let statement = name[name.index(after: hash)...]
    let long = StepLogNames.fileName("\(name[..<colon]).\(statement)")
    // A script's log has the name of the script.
    return stem == StepLogNames.fileName(String(statement)) || stem == long
      || stem.hasPrefix(long + ".") || statement == "script-\(stem)"
  }
}

extension ProcessStat {
  /// When it started, for people; nil if that is unknown.
  var startWords: String? { LockHolder.startOfProcess(ticks: startTime).map(LockHolder.words) }
}
