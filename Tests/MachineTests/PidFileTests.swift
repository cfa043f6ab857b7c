import CLinux
import Execution
import Glibc
import Testing

@testable import Machine

/// Whether a pid file's process is the service, and what /proc says of processes.
@Suite struct PidFileTests {
  private let root = TemporaryRoot()

  /// A process of our own, killed and reaped at the end.
  private final class Sleeper {
    let process: pid_t

    init(_ environment: [String], program: String = "/bin/sleep") throws {
      let spawner = try Spawner(usesSlots: false)
      let folder = try Descriptor.folder("/")
      process = try spawner.spawn(
        ProgramStart(
          path: program,
          arguments: CStrings([program, "1000"]),
          environment: CStrings(environment),
          folder: folder.number,
          stdout: spawner.nullNumber,
          stderr: spawner.nullNumber,
          isLowered: false,
          group: nil
        )
      ).process
      // It has left us before the kernel has its arguments and environment in place.
      let file = "/proc/\(process)/\(environment.isEmpty ? "cmdline" : "environ")"
      try #require(eventually { (try? firstBytes(of: file, limit: 1))?.isEmpty == false })
    }

    deinit {
      kill(process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
  }

  private func pidFile(_ process: pid_t, hoursOld hours: Int) -> PidFile {
    root.write("sys/run/web.pid", "\(process)\n")
    var times = [timespec(), timespec()]
    clock_gettime(CLOCK_REALTIME, &times[0])
    times[0].tv_sec -= hours * 3600
    times[1] = times[0]
    utimensat(AT_FDCWD, root.at("sys/run/web.pid"), times, 0)
    return PidFile(path: root.at("sys/run/web.pid"), processName: "web", root: root.path)
  }

  private func isRunning(_ state: PidFileState) -> Bool {
    if case .running = state { true } else { false }
  }

  @Test func aProcessThatIsYoungerThanItsFileIsAnothers() throws {
    let sleeper = try Sleeper(["A=b"])
    #expect(isRunning(pidFile(sleeper.process, hoursOld: 0).look()))
    let old = pidFile(sleeper.process, hoursOld: 1)
    #expect(
      old.look()
        == .notRunning(
          "\(old.path) names process \(sleeper.process), which is younger and another's"
        )
    )
  }

  /// The clock may have been set since.
  @Test func itIsTheServiceWhereSomethingSaysSo() throws {
    let marked = try Sleeper(["MONIT_SERVICE=web"])
    #expect(isRunning(pidFile(marked.process, hoursOld: 1).look()))
    let other = try Sleeper(["MONIT_SERVICE=other"])
    #expect(!isRunning(pidFile(other.process, hoursOld: 1).look()))
    let placed = try Sleeper(["LOG=\(root.path)/sys/log/web"])
    #expect(isRunning(pidFile(placed.process, hoursOld: 1).look()))
  }

  @Test func kernelThreadsAreNoServices() {
    // 2 is kthreadd where processes of the kernel can be seen at all.
    let state = pidFile(2, hoursOld: 0).look()
    #expect(!isRunning(state))
  }

  @Test func namesInProcMayHoldAnything() throws {
    root.write("x) R 7 8 (", bytes: [], mode: 0o755)
    unlink(root.at("x) R 7 8 ("))
    symlink("/bin/sleep", root.at("x) R 7 8 ("))
    let sleeper = try Sleeper([], program: root.at("x) R 7 8 ("))
    let stat = try #require(ProcessStat(sleeper.process))
    #expect(stat.parent == getpid() && stat.group == sleeper.process)
    #expect(stat.session == sleeper.process && !stat.isDead && stat.startTime > 0)
    #expect(ProcessStat.all().contains { $0.process == sleeper.process })
    #expect(ProcessStat(pid_t.max) == nil)
  }
}
