import CLinux
import Execution
import Glibc
import PlanGraph
import Testing

@testable import Machine

/// systemd as a supervisor, with a program in systemctl's place that keeps units as files: there is no
/// systemd to be had in a test.
@Suite(.serialized) struct SystemdTests {
  /// A root with a `systemctl`: `show` prints `units/NAME`, `start` and `stop` write it anew, and
  /// `NAME.next` holds what it becomes with the next look.
  private func root(_ units: [String], starting: String = "active", code: Int = 0) -> TemporaryRoot
  {
    let root = TemporaryRoot()
    root.makeFolder("units")
    root.write(
      "systemctl",
      """
      #!/bin/sh
      cd '\(root.at("units"))' || exit 1
      [ "$1" = --no-ask-password ] && shift
      echo "$@" >>'\(root.at("calls"))'
      verb=$1; shift
      state() { printf 'ActiveState=%s\\nMainPID=%s\\nNRestarts=%s\\n' "$2" "$3" "$4" >"$1"; }
      for unit; do
        case $unit in --*) continue ;; esac
        case $verb in
        start) [ \(code) = 0 ] || { echo "Job for $unit failed." >&2; exit \(code); }
          state "$unit" \(starting) 7 0 ;;
        stop) state "$unit" inactive 0 0 ;;
        show)
          echo "Id=$unit"
          if [ -e "$unit" ]; then cat "$unit"; else echo LoadState=not-found; fi
          [ ! -e "$unit.next" ] || mv "$unit.next" "$unit"
          echo ;;
        esac
      done
      """,
      mode: 0o755
    )
    root.write("jobs/a/systemd", "# of a\n" + units.joined(separator: "\n") + "\n")
    return root
  }

  private func run(
    _ action: StepAction,
    _ root: TemporaryRoot,
    settle: Duration = .zero,
    on releaseJob: String? = "a",
    supervisor: SupervisorChoice? = nil
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(action, on: releaseJob, settle: settle)
    let run = FlatRun([node])
    try LiveMachine(
      graph: plan.graph,
      roots: [plan.instance: root.open()],
      supervisor: supervisor ?? .systemd(root.at("systemctl"))
    ).drive(run)
    return run.results[node]
  }

  @Test func startsLooksAndStops() throws {
    let root = root(["web", "db.socket"])
    #expect(try run(.start, root) == .exited(0))
    #expect(try run(.unmonitor, root) == .exited(0))
    #expect(try run(.stop, root, on: nil) == .exited(0))
    let show = "show --property=\(SystemdStatus.properties) -- web.service db.socket"
    #expect(
      root.lines("calls")
        == ["start -- web.service db.socket", show, "stop -- web.service db.socket", show]
    )
    #expect(root.read("monit/stopped") == "")
  }

  @Test func whatSystemctlSaysIsTold() throws {
    #expect(
      try run(.start, root(["web"], code: 1))
        == .failed("systemctl start ended with exit status 1: Job for web.service failed.")
    )
  }

  @Test func aUnitThatNobodyKnowsIsAnError() throws {
    let root = root(["web"])
    root.write(
      "systemctl",
      "#!/bin/sh\n[ $2 = start ] || printf 'Id=x\\nLoadState=not-found\\n'\n",
      mode: 0o755
    )
    #expect(try run(.start, root) == .failed("systemd has no unit 'x'; see 'jobs/…/systemd'"))
  }

  @Test(arguments: [
    ("web.target extra", ["web.target", "extra.service"]), ("getty@tty1", ["getty@tty1.service"]),
    ("", []), ("web\nweb.service # twice", ["web.service"]),
  ])
  func readsUnits(_ text: String, _ units: [String]) throws {
    let root = root([text])
    #expect(try SystemdUnits.read(of: "a", on: root.open()) == units)
    #expect(try root.open().hasProcesses(of: "a") == !units.isEmpty)
  }

  @Test(arguments: ["--root=/", "web/x", "../web", ".hidden", "wéb"])
  func refusesOtherNames(_ text: String) throws {
    let root = root([text])
    let failure = #expect(throws: PlainFailure.self) {
      try SystemdUnits.read(of: "a", on: root.open())
    }
    #expect(failure?.words.hasPrefix("\(root.at("jobs/a/systemd")):2 ") == true)
  }

  @Test func withoutAFileItIsTheReleaseJobsOwnService() throws {
    let root = TemporaryRoot()
    root.write("jobs/a/monit", "check process a with pidfile x group vcap\n")
    #expect(try SystemdUnits.read(of: "a", on: root.open()) == ["a.service"])
  }

  @Test func ctlCannotStartUnits() throws {
    let root = root(["web"])
    guard case .failed(let words)? = try run(.start, root, supervisor: .ctl) else {
      Issue.record("it started")
      return
    }
    #expect(words.contains("--supervisor systemd"))
  }

  private func status(
    _ active: String,
    _ process: Int,
    restarts: Int = 0,
    sub: String = ""
  ) -> String {
    "Id=web.service\nActiveState=\(active)\nSubState=\(sub)\nMainPID=\(process)\n"
      + "NRestarts=\(restarts)\nResult=exit-code\n"
  }

  /// An operation that is only shown what systemd would say.
  private func operation(
    _ verb: SupervisorOrder.Verb,
    settle: Duration = .seconds(10),
    remark: @escaping (Remark.Kind, String) -> Void = { _, _ in }
  ) throws -> SystemdOperation {
    let machinery = try Machinery()
    return SystemdOperation(
      SupervisorOrder(
        verb: verb,
        releaseJobs: ["a"],
        isWholeInstance: false,
        settle: settle,
        remark: remark
      ),
      units: ["web.service"],
      try Systemctl("/bin/false", machinery),
      on: machinery.loop,
      ended: { _ in }
    )
  }

  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test func settlesWithTheSameProcessAndNoRestart() throws {
    var said: [String] = []
    let start = try operation(.start) { said.append($1) }
    func look(_ text: String, _ second: Int64) -> AttemptResult? {
      start.take(SystemdStatus.read(text), at: at(second))
    }
    #expect(look(status("activating", 0), 0) == nil)
    #expect(look(status("active", 5), 1) == nil)
    #expect(look(status("active", 5), 10) == nil)
    #expect(look(status("active", 6, restarts: 1), 11) == nil)
    #expect(look(status("activating", 0, restarts: 1, sub: "auto-restart"), 12) == nil)
    #expect(look(status("active", 7, restarts: 2), 13) == nil)
    #expect(look(status("active", 7, restarts: 2), 22) == nil)
    #expect(look(status("active", 7, restarts: 2), 23) == .exited(0))
    #expect(
      said == [
        "'web.service' runs, but not for long enough yet (restarted once)",
        "'web.service' ended, and systemd is about to start it again (restarted 2 times)",
        "'web.service' runs, but not for long enough yet (restarted 2 times)",
      ]
    )
  }

  @Test func aFailedUnitIsAFailureOfAStartAndNoneOfAStop() throws {
    let failed = SystemdStatus.read(status("failed", 0))
    #expect(
      try operation(.start).take(failed, at: at(0))
        == .failed(
          "'web.service' has failed (exit-code); see 'journalctl -u web.service'"
        )
    )
    #expect(try operation(.stop).take(failed, at: at(0)) == .exited(0))
    let stopping = SystemdStatus.read(status("deactivating", 5))
    #expect(try operation(.stop).take(stopping, at: at(0)) == nil)
  }

  /// What the real program says where it is not process 1.
  @Test(
    .enabled(
      if: access("/usr/bin/systemctl", X_OK) == 0 && access(Systemctl.bootedFolder, F_OK) != 0,
      "needs systemctl on a machine that was not booted with systemd"
    )
  )
  func aMachineThatWasNotBootedWithItIsKnown() throws {
    let root = root(["web"])
    guard case .failed(let words)? = try run(.start, root, supervisor: .systemd(nil)) else {
      Issue.record("it started")
      return
    }
    #expect(words.hasPrefix("systemctl start ended with exit status 1: System has not been booted"))
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    let problems = try Preflight.problems(
      graph: plan.graph,
      roots: [plan.instance: root.open()],
      supervisor: .systemd(nil)
    )
    #expect(problems.map(\.path) == ["/run/systemd/system"])
  }
}
