import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// Processes that are started and stopped from the release jobs' monit files.
@Suite(.serialized) struct CtlTests {
  /// A root with release jobs that have a little daemon each.
  final class Services {
    let vm = TemporaryVM()
    private var names: [String] = []

    deinit {
      for name in names {
        guard let process = process(name), process > 1 else { continue }
        kill(process, SIGKILL)
        // One that its start program became is a child of ours. As a zombie it would keep the tests that
        // run in processes of their own from ever being seen to end.
        waitpid(process, nil, 0)
      }
    }

    /// Adds a release job with a process of its own name.
    ///
    /// - Parameters:
    ///   - name: of both.
    ///   - options: of its programs.
    ///   - extra: more lines of its control file.
    ///   - start: what the start program does; nil for starting the daemon.
    ///   - hasStop: whether it has a stop program.
    func add(
      _ name: String,
      options: String = "",
      extra: String = "group vcap",
      start: String? = nil,
      hasStop: Bool = true
    ) {
      names.append(name)
      let daemon = "echo $$ >'\(pidFile(name))'; exec sleep 1000"
      vm.write(
        "jobs/\(name)/bin/ctl",
        """
        #!/bin/sh
        echo "$1 \(name)" >>'\(vm.path)/calls'
        case $1 in
        start) \(start ?? "setsid sh -c \"\(daemon.replacing("$", "\\$"))\" </dev/null >/dev/null 2>&1 &") ;;
        stop) kill "$(cat '\(pidFile(name))')"; rm -f '\(pidFile(name))' ;;
        esac
        """,
        mode: 0o755
      )
      vm.write(
        "jobs/\(name)/monit",
        """
        check process \(name) with pidfile \(pidFile(name))
          start program "\(vm.path)/jobs/\(name)/bin/ctl start" \(options)
          \(hasStop ? "stop program \"\(vm.path)/jobs/\(name)/bin/ctl stop\" \(options)" : "")
          \(extra)
        """
      )
    }

    func pidFile(_ name: String) -> String { vm.at("sys/run/\(name).pid") }

    func process(_ name: String) -> pid_t? {
      vm.lines("sys/run/\(name).pid").first.flatMap { pid_t($0) }
    }

    func isRunning(_ name: String) -> Bool {
      guard let process = process(name), let stat = ProcessStat(process) else { return false }
      return !stat.isDead
    }

    var calls: [String] { vm.lines("calls") }

    /// Carries out one step on a release job, or on the instance for nil.
    func run(
      _ action: StepAction,
      on releaseJob: String? = nil,
      settle: Duration = .zero
    ) throws -> AttemptResult? {
      var plan = TestGraph(releaseJobs: names)
      let node = plan.add(action, on: releaseJob, settle: settle)
      let run = FlatRun([node])
      let machine = try LiveMachine(
        graph: plan.graph,
        vms: [plan.instance: vm.open()],
        supervisor: .ctl
      )
      try machine.drive(run)
      remarks = run.remarks.map(\.text)
      return run.results[node]
    }

    /// What was reported about the last step.
    private(set) var remarks: [String] = []

    /// Makes a pid file name a process that is an hour older than the file.
    func name(_ stranger: Sleeper, in name: String) {
      vm.write("sys/run/\(name).pid", "\(stranger.process)\n")
      var times = [timespec(), timespec()]
      clock_gettime(CLOCK_REALTIME, &times[0])
      times[0].tv_sec += 3600
      times[1] = times[0]
      utimensat(AT_FDCWD, pidFile(name), times, 0)
    }
  }

  @Test func startsWatchesAndStops() throws {
    let services = Services()
    services.add("web")
    services.add("db")
    #expect(try services.run(.start, settle: .milliseconds(50)) == .exited(0))
    #expect(services.isRunning("web") && services.isRunning("db"))
    // What runs is not started again.
    #expect(try services.run(.start) == .exited(0))
    #expect(services.calls.sorted() == ["start db", "start web"])
    #expect(try services.run(.unmonitor) == .exited(0))
    let process = services.process("web")
    #expect(try services.run(.stop, on: "web") == .exited(0))
    #expect(process.flatMap { ProcessStat($0) }.map(\.isDead) ?? true)
    #expect(services.isRunning("db"))
    #expect(try services.run(.stop) == .exited(0))
    #expect(!services.isRunning("db"))
    #expect(try services.run(.stop) == .exited(0))
    #expect(services.calls.suffix(2) == ["stop web", "stop db"])
  }

  @Test("BOSH 5.2: ctl leaves processes outside of group vcap alone")
  func leavesProcessesOutsideOfGroupVcapAlone() throws {
    let services = Services()
    services.add("web", extra: "group other")
    #expect(try services.run(.start) == .exited(0))
    #expect(services.calls.isEmpty)
    #expect(try services.vm.open().hasProcesses(of: "web") == false)
  }

  @Test func namesAProcessThatDiesTooSoon() throws {
    let services = Services()
    let die = services.vm.at("die")
    services.add(
      "web",
      start: "setsid sh -c 'echo $$ >\"\(services.pidFile("web"))\"; "
        + "while ! [ -e \"\(die)\" ]; do sleep 0.01; done' </dev/null >/dev/null 2>&1 &"
    )
    // Is started when web has been seen running, and ends it.
    services.add("b", extra: "group vcap\ndepends on web", start: "touch '\(die)'; exit 1")
    let result = try services.run(.start, settle: .seconds(20))
    guard case .failed(let words) = result else {
      Issue.record("\(String(describing: result))")
      return
    }
    #expect(words.contains("'web' process ") && words.contains("after it was seen running"))
  }

  @Test func startsInTheOrderOfDependsOn() throws {
    let services = Services()
    services.add("a", extra: "group vcap\ndepends on b")
    services.add("b", extra: "group vcap\ndepends on c")
    services.add("c")
    #expect(try services.run(.start) == .exited(0))
    #expect(services.calls == ["start c", "start b", "start a"])
    #expect(try services.run(.stop) == .exited(0))
    #expect(services.calls.suffix(3) == ["stop a", "stop b", "stop c"])
  }

  @Test func saysWhatDependsOnWhat() throws {
    let services = Services()
    services.add("a", extra: "group vcap\ndepends on b")
    services.add("b", extra: "group vcap\ndepends on a")
    #expect(
      try services.run(.start)
        == .failed("'a', 'b' depend on each other in a circle; see 'depends on'")
    )
    let twice = Services()
    twice.add("a")
    twice.vm.write("jobs/a/b.monit", twice.vm.read("jobs/a/monit") ?? "")
    #expect(
      try twice.run(.start)
        == .failed("\(twice.vm.at("jobs/a")): two monit files have a process 'a'; rename one")
    )
    let other = Services()
    other.add("a", extra: "group vcap\ndepends on nobody")
    #expect(
      try other.run(.start)
        == .failed(
          "'a' depends on 'nobody', which no release job's monit file declares in group vcap"
        )
    )
  }

  @Test func waitsForWhatAnotherStepStarts() throws {
    let services = Services()
    services.add("a", extra: "group vcap\ndepends on b")
    services.add("b")
    var plan = TestGraph(releaseJobs: ["a", "b"])
    let nodes = [plan.add(.start, on: "a"), plan.add(.start, on: "b")]
    let run = FlatRun(nodes)
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: services.vm.open()],
      supervisor: .ctl
    ).drive(run)
    #expect(nodes.map { run.results[$0] } == [.exited(0), .exited(0)])
    #expect(services.calls == ["start b", "start a"])
  }

  @Test func aDeadOrForeignPidFileIsNotAService() throws {
    for stale in ["", "garbage\n", "999999999999999999999\n", "-5\n", "4194303\n"] {
      let services = Services()
      services.add("web")
      services.vm.write("sys/run/web.pid", stale)
      #expect(try services.run(.start) == .exited(0), "\(stale)")
      #expect(services.calls == ["start web"], "\(stale)")
    }
  }

  @Test func refusesWhatCannotBeAServicesPidFile() throws {
    let services = Services()
    services.add("web")
    let path = services.pidFile("web")
    services.vm.write("sys/run/web.pid", "1\n")
    #expect(
      try services.run(.start)
        == .failed("'web' \(path) names process 1, which is not a service; remove it")
    )
    services.vm.write("sys/run/web.pid", "\(getpid())\n")
    #expect(
      try services.run(.stop)
        == .failed("'web' \(path) names process \(getpid()), which is not a service; remove it")
    )
    unlink(path)
    services.vm.makeFolder("sys/run/web.pid")
    #expect(
      try services.run(.start) == .failed("'web' \(path) is a folder, not a pid file; remove it")
    )
    rmdir(path)
    let outside = TemporaryVM()
    outside.write("pid", "\(getppid())\n")
    symlink(outside.at("pid"), path)
    #expect(
      try services.run(.start)
        == .failed(
          "'web' \(path) leads outside the VM's folder, to '\(outside.at("pid"))'; fix the link, or "
            + "the monit file that names it"
        )
    )
    #expect(services.calls.isEmpty)
  }

  @Test func saysWhyAStartProgramFailed() throws {
    let services = Services()
    services.add("web", start: "echo no port >&2; exit 3")
    let log = services.vm.at("sys/log/web/web.ctl.stderr.log")
    #expect(
      try services.run(.start)
        == .failed("'web' its start program ended with exit status 3; see \(log)")
    )
    #expect(services.vm.read("sys/log/web/web.ctl.stderr.log") == "no port\n")

    let silent = Services()
    silent.add("web", options: "with timeout 1 seconds", start: "exit 0")
    #expect(
      try silent.run(.start)
        == .failed(
          "'web' did not run 1s after its start: \(silent.pidFile("web")) does not exist"
        )
    )
  }

  @Test func doesNotWaitForADaemonInTheForeground() throws {
    let services = Services()
    let path = services.pidFile("web")
    services.add("web", start: "echo $$ >'\(path)'; exec sleep 1000")
    #expect(try services.run(.start, settle: .milliseconds(50)) == .exited(0))
    #expect(services.isRunning("web"))
  }

  @Test("BOSH 6.9: a process that does not end fails the stop")
  func failsWhereAProcessDoesNotStop() throws {
    let services = Services()
    let path = services.pidFile("web")
    services.add(
      "web",
      options: "with timeout 1 seconds",
      start: "setsid sh -c 'trap \"\" TERM; echo $$ >\"\(path)\"; while :; do sleep 1; done' "
        + "</dev/null >/dev/null 2>&1 &"
    )
    #expect(try services.run(.start) == .exited(0))
    let process = try #require(services.process("web"))
    defer { kill(process, SIGKILL) }
    #expect(
      try services.run(.stop)
        == .failed("'web' process \(process) did not end within 1s of its stop")
    )
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
  func startsAsAnotherUser() throws {
    let services = Services()
    services.add(
      "web",
      options: "as uid nobody and gid nogroup",
      start: "id -u; id -g; env; exit 4"
    )
    _ = try services.run(.start)
    let lines = services.vm.lines("sys/log/web/web.ctl.stdout.log")
    let nobody = try #require(getpwnam("nobody"))
    #expect(lines.first == "\(nobody.pointee.pw_uid)")
    #expect(lines.contains("HOME=\(String(cString: nobody.pointee.pw_dir))"))
    #expect(lines.contains("MONIT_SERVICE=web") && lines.contains("MONIT_EVENT=Started"))
    #expect(lines.contains("PATH=/bin:/usr/bin:/sbin:/usr/sbin"))

    let other = Services()
    other.add("web", options: "as uid no-such-user")
    #expect(
      try other.run(.start)
        == .failed(
          "'web' cannot be started: there is no user 'no-such-user' ('as uid')"
        )
    )
  }

  @Test func endsAStartThatIsCancelledAndLeavesWhatRuns() throws {
    let services = Services()
    services.add("slow", start: "sleep 1000")
    services.add("web")
    var plan = TestGraph(releaseJobs: ["slow", "web"])
    let slow = plan.add(.start, on: "slow", settle: .seconds(1000))
    let web = plan.add(.start, on: "web", settle: .seconds(1000))
    let run = FlatRun([slow, web])
    let timer = TimerID.timeout(slow)
    run.whenStarted = { node in
      node == slow ? [.arm(timer, at: .now)] : []
    }
    run.whenFired = { _ in
      services.isRunning("web") && services.calls.contains("start slow")
        ? [.terminate(slow), .terminate(web)] : [.arm(timer, at: .now + .milliseconds(5))]
    }
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: services.vm.open()],
      supervisor: .ctl
    ).drive(run)
    let pidFile = services.vm.at("sys/run/slow.pid")
    #expect(
      run.results[slow]
        == .failed(
          "'slow' does not run yet: its start program is still running, and \(pidFile) does not exist"
        )
    )
    #expect(services.isRunning("web"))
  }
}

extension String {
  fileprivate func replacing(_ part: Character, _ by: String) -> String {
    map { $0 == part ? by : String($0) }.joined()
  }
}
