import Clock
import Glibc
import System
import VM

/// What a process has about it of a machine's services.
struct ServiceSigns {
  /// The service that monit, or `ctl`, started it or its parents for; nil if that is not known.
  var monitName: String?
  /// Whether the VM's folder is in its environment, command line, executable, folder or open files.
  var isInVM = false
  /// Whether we may look at it at all.
  var isReadable: Bool

  /// Looks at a process.
  ///
  /// - Parameters:
  ///   - process: its number.
  ///   - vmPath: the VM's folder, without links.
  init(of process: pid_t, vmPath: String) {
    let folder = "/proc/\(process)"
    let found = try? firstBytes(of: "\(folder)/environ", limit: 1 << 16)
    isReadable = found != nil
    let environment = found ?? []
    let marker = Array("MONIT_SERVICE=".utf8)
    for variable in environment.split(separator: 0) where variable.starts(with: marker) {
      monitName = String(decoding: variable.dropFirst(marker.count), as: UTF8.self)
    }
    let commandLine = (try? firstBytes(of: "\(folder)/cmdline", limit: 1 << 16)) ?? []
    let links = ["exe", "cwd"].map { "\(folder)/\($0)" }
    isInVM =
      Self.names(vmPath, in: environment) || Self.names(vmPath, in: commandLine)
      || links.contains { readLink($0).map { isPath($0, beneath: vmPath) } ?? false }
      || Self.hasOpenFile(of: folder, beneath: vmPath)
  }

  /// Whether a text contains a path or something inside it.
  private static func names(_ vmPath: String, in text: [UInt8]) -> Bool {
    // A root of `/` would be in all of them.
    vmPath.utf8.count > 1 && text.contains(vmPath.utf8)
  }

  private static func hasOpenFile(of folder: String, beneath vmPath: String) -> Bool {
    guard vmPath.utf8.count > 1, let numbers = try? namesInFolder("\(folder)/fd") else {
      return false
    }
    return numbers.prefix(1000).contains { number in
      readLink("\(folder)/fd/\(number)").map { isPath($0, beneath: vmPath) } ?? false
    }
  }

  /// Whether a process is alive that may still write a service's pid file: one that was started for
  /// it, or that belongs to the process that it named.
  ///
  /// - Parameters:
  ///   - name: of the service.
  ///   - helper: the process that the file named, and that has ended.
  ///   - begun: when its start began.
  ///   - vmPath: the VM's folder.
  /// - Returns: whether there is one.
  static func isSomebodyLeft(
    of name: String,
    behind helper: ProcessIdentity,
    since begun: Instant,
    vmPath: String
  ) -> Bool {
    let age = Instant.now - begun + .seconds(1)
    return ProcessStat.all().contains { stat in
      if stat.isDead || stat.process == getpid() || stat.process == helper.process { return false }
      if stat.age > age { return false }
      if stat.session == helper.process || stat.group == helper.process { return true }
      let signs = ServiceSigns(of: stat.process, vmPath: vmPath)
      return signs.monitName.map { $0 == name } ?? signs.isInVM
    }
  }
}
