import CLinux
import Glibc
import System
import VM
import Words

/// A file that contains the number of a process.
struct PidFile: Hashable, Sendable {
  /// Absolute.
  var path: String
  /// Of the process that it belongs to.
  var processName: String
  /// The machine's root, without links.
  var vmPath: String
  /// How long after its own start the service may come to write the file: its start program's
  /// timeout.
  var patience = ControlProgram.standardTimeout

  /// Reads it and checks the process.
  ///
  /// As in monit, the first decimal number counts. Process 1, this process and kernel threads never
  /// count as a service, a zombie is not running, and a file that leads outside the VM's folder is
  /// refused.
  func check() -> PidFileState {
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
      return .unusable("\(path) names process \(process), which is not a service; remove it")
    }
    if let owner = ProcessStat.process(ofThread: process), owner != process {
      return .another("\(path) names \(process), which is a thread of process \(owner)")
    }
    if let reason = reasonForAnother(stat) {
      return .another("\(path) names process \(process), which \(reason)")
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
    guard let status = FileStatus(of: file.number) else {
      throw .unusable("\(path): \(SystemError.words(errno))")
    }
    guard status.isRegular else {
      throw .unusable("\(path) is \(status.kindWords), not a pid file; remove it")
    }
    if isPath(path, beneath: vmPath), let end = file.realPath, !isPath(end, beneath: vmPath) {
      throw .unusable(
        "\(path) leads outside the VM's folder, to \(quoted(end)); fix the link, or the monit file "
          + "that names it"
      )
    }
    return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      let count = Glibc.read(file.number, buffer.baseAddress, buffer.count)
      return count > 0 ? Array(buffer[..<count]) : []
    }
  }

  /// The first number as monit reads it: preceded only by blanks and a `+`, and saturating; nil if
  /// there is none.
  static func number(_ bytes: [UInt8]) -> Int64? {
    let text = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let digits = (text.first == UInt8(ascii: "+") ? text.dropFirst() : text)
      .prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if digits.isEmpty { return nil }
    return digits.reduce(Int64(0)) { value, digit in
      value > Int64.max / 20 ? value : value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
  }

  // MARK: Another process with the same number

  /// By how many seconds a process may seem younger than the file that names it, or older than
  /// possible.
  private static let slack = 10.0

  /// Why a process with this number is not the service; nil if it can be.
  ///
  /// A service is a little older than its pid file. A younger process got the number after the
  /// service had died. A much older one had it before, and the file was written by another program
  /// or by mistake. But a clock that was set since, or a rewritten file, gives the same picture for
  /// a real service. So age is only a suspicion: in addition, the process must show no sign of the
  /// service.
  private func reasonForAnother(_ stat: ProcessStat) -> String? {
    // Kernel threads have no other parent than kthreadd, which is 2.
    if stat.parent == 2 || stat.process == 2 { return "is a kernel process" }
    guard let written = FileStatus(path, follow: true) else { return nil }
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    let started = Double(wall.tv_sec) + Double(wall.tv_nsec) / 1e9 - stat.age / .seconds(1)
    let difference = Self.seconds(written.modified) - started
    let relation: String
    if difference < -Self.slack {
      relation = "is younger than that file"
    } else if difference > patience / .seconds(1) + Self.slack {
      relation = "is \(Duration.seconds(Int64(difference)).forPeople) older than that file"
    } else {
      return nil
    }
    let signs = ServiceSigns(of: stat.process, vmPath: vmPath)
    if isSign(signs) { return nil }
    // Only root can tell for another user's process; an old one is then believed.
    if !signs.isReadable, difference > 0 { return nil }
    return relation + ", and nothing links it to this VM: it is another process"
  }

  /// Whether these are signs of the service.
  ///
  /// A process that was started for another service of the VM is not this one.
  private func isSign(_ signs: ServiceSigns) -> Bool {
    signs.monitName.map { $0 == processName } ?? signs.isInVM
  }

  /// Whether a running process may be sent a signal as the service.
  ///
  /// That it is as old as a service would be is not enough: something has to link it to the VM.
  func isLinked(_ identity: ProcessIdentity) -> Bool {
    let signs = ServiceSigns(of: identity.process, vmPath: vmPath)
    return isSign(signs) || !signs.isReadable
  }

  private static func seconds(_ time: FileStatus.Time) -> Double {
    Double(time.seconds) + Double(time.nanoseconds) / 1e9
  }
}
