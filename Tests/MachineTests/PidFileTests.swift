import CLinux
import Glibc
@testable import Machine
@testable import System
import Testing

/// Whether a pid file's process is the service, and what /proc says about processes.
@Suite struct PidFileTests {
  private let vm = TemporaryVM()

  /// A pid file.
  ///
  /// With negative hours its date is in the future, and so later than its process.
  private func pidFile(_ process: pid_t, hoursOld hours: Int, text: String? = nil) -> PidFile {
    vm.write("sys/run/web.pid", text ?? "\(process)\n")
    var times = [timespec(), timespec()]
    clock_gettime(CLOCK_REALTIME, &times[0])
    times[0].tv_sec -= hours * 3600
    times[1] = times[0]
    utimensat(AT_FDCWD, vm.at("sys/run/web.pid"), times, 0)
    return PidFile(path: vm.at("sys/run/web.pid"), processName: "web", vmPath: vm.path)
  }

  private func isRunning(_ state: PidFileState) -> Bool {
    if case .running = state { true } else { false }
  }

  @Test func aProcessYoungerThanItsPidFileIsNotTheService() throws {
    let sleeper = try Sleeper(["A=b"])
    #expect(isRunning(pidFile(sleeper.process, hoursOld: 0).check()))
    let old = pidFile(sleeper.process, hoursOld: 1)
    #expect(
      old.check()
        == .another(
          "\(old.path) names process \(sleeper.process), which is younger than that file, and "
            + "nothing links it to this VM: it is another process"
        )
    )
  }

  @Test("BOSH 6.11: a process that is older than its pid file is not the service")
  func aProcessOlderThanItsPidFileIsNotTheService() throws {
    let sleeper = try Sleeper(["A=b"])
    let young = pidFile(sleeper.process, hoursOld: -1)
    guard case .another(let reason) = young.check() else {
      Issue.record("\(young.check())")
      return
    }
    #expect(reason.contains("older than that file"))
    // It may write the file as long as its start program may take.
    var patient = young
    patient.patience = .seconds(7200)
    #expect(isRunning(patient.check()))
  }

  @Test func aProcessWithAnOpenFileOfThisVMIsTheService() throws {
    vm.write("sys/log/web.log", "")
    let sleeper = try Sleeper(["A=b"], stdout: vm.at("sys/log/web.log"))
    #expect(isRunning(pidFile(sleeper.process, hoursOld: -1).check()))
    #expect(isRunning(pidFile(sleeper.process, hoursOld: 1).check()))
  }

  @Test(arguments: ["+", " ", " +", "\t"])
  func textBeforeANumberIsReadAsByMonit(_ before: String) throws {
    let sleeper = try Sleeper(["A=b"])
    let file = pidFile(sleeper.process, hoursOld: 0, text: "\(before)\(sleeper.process)abc\n")
    #expect(isRunning(file.check()))
    for text in ["-\(sleeper.process)", "++\(sleeper.process)", "+ \(sleeper.process)"] {
      #expect(!isRunning(pidFile(sleeper.process, hoursOld: 0, text: text).check()), "\(text)")
    }
  }

  /// The clock may have been set since.
  @Test func aProcessThatShowsASignIsTheService() throws {
    let marked = try Sleeper(["MONIT_SERVICE=web"])
    #expect(isRunning(pidFile(marked.process, hoursOld: 1).check()))
    let other = try Sleeper(["MONIT_SERVICE=other"])
    #expect(!isRunning(pidFile(other.process, hoursOld: 1).check()))
    let neighbour = try Sleeper(["MONIT_SERVICE=other", "LOG=\(vm.path)/sys/log/other"])
    #expect(!isRunning(pidFile(neighbour.process, hoursOld: 1).check()))
    let placed = try Sleeper(["LOG=\(vm.path)/sys/log/web"])
    #expect(isRunning(pidFile(placed.process, hoursOld: 1).check()))
  }

  /// After a reboot the number may be that of a thread, of the coordinator itself for one.
  @Test func aThreadIsNotAService() throws {
    let threads = try namesInFolder("/proc/self/task").compactMap { pid_t($0) }
    let thread = try #require(threads.first { $0 != getpid() })
    let file = pidFile(thread, hoursOld: 0)
    #expect(
      file.check()
        == .another("\(file.path) names \(thread), which is a thread of process \(getpid())")
    )
  }

  @Test func kernelThreadsAreNotServices() {
    // 2 is kthreadd, if kernel processes are visible.
    let state = pidFile(2, hoursOld: 0).check()
    #expect(!isRunning(state))
  }

  @Test func namesInProcMayContainAnything() throws {
    vm.write("x) R 7 8 (", bytes: [], mode: 0o755)
    unlink(vm.at("x) R 7 8 ("))
    symlink("/bin/sleep", vm.at("x) R 7 8 ("))
    let sleeper = try Sleeper([], program: vm.at("x) R 7 8 ("))
    let stat = try #require(ProcessStat(sleeper.process))
    #expect(stat.parent == getpid() && stat.group == sleeper.process)
    #expect(stat.session == sleeper.process && !stat.isDead && stat.startTime > 0)
    #expect(ProcessStat.all().contains { $0.process == sleeper.process })
    #expect(ProcessStat(pid_t.max) == nil)
  }
}
