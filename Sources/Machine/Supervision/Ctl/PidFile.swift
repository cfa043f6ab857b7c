import CLinux
import Glibc

/// A process that is running, told from any later one that gets the same number.
struct ProcessIdentity: Hashable, Sendable {
  var process: pid_t
  /// Clock ticks since boot.
  var startTime: UInt64
}

/// What a pid file says about a process now.
enum PidFileState: Hashable {
  case running(ProcessIdentity)
  /// It names nobody that runs, or there is none, or it says nothing yet; why, for people.
  case notRunning(String)
  /// What it names or is cannot be used; why, for people.
  case unusable(String)
}

/// A file with the number of a process in it.
struct PidFile: Hashable, Sendable {
  /// Absolute.
  var path: String
  /// Of the process that it belongs to.
  var processName: String
  /// The machine's root, without links.
  var root: String

  /// Reads it and looks at the process.
  ///
  /// As in monit the first decimal number counts. Process 1, this process itself and kernel threads
  /// are never taken for a service, a zombie is not running, and a file beneath the root that ends
  /// outside of it is refused.
  func look() -> PidFileState {
    let bytes: [UInt8]
    do {
      bytes = try read()
    } catch {
      return error
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let number = Self.number(bytes) else {
      return .notRunning(
        bytes.isEmpty ? "\(path) is empty" : "\(path) holds \(quoted(String(text.prefix(40))))"
      )
    }
    guard let process = pid_t(exactly: number), process > 0, let stat = ProcessStat(process),
      !stat.isDead
    else { return .notRunning("\(path) names process \(number), which is not running") }
    if process == 1 || process == getpid() {
      return .unusable("\(path) names process \(process), which is no service; remove it")
    }
    if isOfAnother(stat) {
      return .notRunning("\(path) names process \(process), which is younger and another's")
    }
    return .running(ProcessIdentity(process: process, startTime: stat.startTime))
  }

  private func read() throws(PidFileState) -> [UInt8] {
    let descriptor = lockstep_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
    if descriptor < 0 {
      if errno == ENOENT { throw .notRunning("\(path) does not exist") }
      throw .unusable("\(path): \(SystemError.words(errno))")
    }
    let file = Descriptor(owning: descriptor)
    var status = stat()
    guard fstat(file.number, &status) == 0, status.isRegular else {
      throw .unusable("\(path) is \(status.kindWords) and no pid file; remove it")
    }
    if isPath(path, beneath: root), let end = file.realPath, !isPath(end, beneath: root) {
      throw .unusable(
        "\(path) ends outside of the root, at \(quoted(end)); mend the link, or the monit file "
          + "that names it"
      )
    }
    return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      let count = Glibc.read(file.number, buffer.baseAddress, buffer.count)
      return count > 0 ? Array(buffer[..<count]) : []
    }
  }

  /// The first number, which only blanks may precede, saturating; nil where there is none.
  private static func number(_ bytes: [UInt8]) -> Int64? {
    let digits = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
      .prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if digits.isEmpty { return nil }
    return digits.reduce(Int64(0)) { value, digit in
      value > Int64.max / 20 ? value : value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
  }

  // MARK: Another process with the same number

  /// Seconds by which a process may seem younger than the file that names it.
  private static let slack = 10.0

  /// Whether a process with this number is somebody else's, which got the number after the service
  /// had died.
  ///
  /// A service is older than its pid file, but a clock that was set since makes it seem younger. So
  /// that is only the suspicion, and the process must have nothing of the service about it besides:
  /// neither monit's name for it nor the machine's root in its environment, command line, executable
  /// or folder.
  private func isOfAnother(_ stat: ProcessStat) -> Bool {
    // Kernel threads have no other parent than kthreadd, which is 2.
    if stat.parent == 2 || stat.process == 2 { return true }
    guard let written = fileStatus(path, follow: true) else { return false }
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    var boot = timespec()
    clock_gettime(CLOCK_BOOTTIME, &boot)
    let age = seconds(boot) - Double(stat.startTime) / Double(sysconf(Int32(_SC_CLK_TCK)))
    let started = seconds(wall) - age
    if started <= seconds(written.st_mtim) + Self.slack { return false }
    let folder = "/proc/\(stat.process)"
    let environment = (try? firstBytes(of: "\(folder)/environ", limit: 1 << 16)) ?? []
    if environment.split(separator: 0).contains(where: { $0.elementsEqual(marker) }) {
      return false
    }
    let commandLine = (try? firstBytes(of: "\(folder)/cmdline", limit: 1 << 16)) ?? []
    if (environment + commandLine).contains(root.utf8) { return false }
    for link in ["exe", "cwd"] {
      if let end = readLink("\(folder)/\(link)"), isPath(end, beneath: root) { return false }
    }
    return true
  }

  private var marker: [UInt8] { Array("MONIT_SERVICE=\(processName)".utf8) }

  private func seconds(_ time: timespec) -> Double {
    Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension PidFileState: Error {}
