import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// systemd as a supervisor, with a program instead of systemctl that keeps units as files.
///
/// The end-to-end tests use a real systemd.
@Suite(.serialized) struct SystemdTests {
  /// A VM's folder with a `systemctl`: `show` prints `units/NAME`, `start` and `stop` rewrite it,
  /// and `NAME.next` holds its next state.
  private func vm(_ units: [String], starting: String = "active", code: Int = 0) -> TemporaryVM {
    let vm = TemporaryVM()
    vm.makeFolder("units")
    vm.write(
      "systemctl",
      """
      #!/bin/sh
      cd '\(vm.at("units"))' || exit 1
      [ "$1" = --no-ask-password ] && shift
      echo "$@" >>'\(vm.at("calls"))'
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
          if [ -e "$unit" ]; then cat "$unit"; else printf 'LoadState=not-found\\nActiveState=inactive\\n'; fi
          [ ! -e "$unit.next" ] || mv "$unit.next" "$unit"
          echo ;;
        esac
      done
      """,
      mode: 0o755
    )
    for unit in units {
      vm.write("units/\(unit.contains(".") ? unit : unit + ".service")", "ActiveState=inactive\n")
    }
    vm.write("jobs/a/systemd", "# of a\n" + units.joined(separator: "\n") + "\n")
    return vm
  }

  private func run(
    _ action: StepAction,
    _ vm: TemporaryVM,
    settle: Duration = .zero,
    on releaseJob: String? = "a",
    supervisor: SupervisorChoice? = nil
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(action, on: releaseJob, settle: settle)
    let run = FlatRun([node])
    try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: supervisor ?? .systemd(vm.at("systemctl"))
    ).drive(run)
    return run.results[node]
  }

  @Test func startsChecksAndStops() throws {
    let vm = vm(["web", "db.socket"])
    #expect(try run(.start, vm) == .exited(0))
    #expect(try run(.unmonitor, vm) == .exited(0))
    #expect(try run(.stop, vm, on: nil) == .exited(0))
    let show = "show --property=\(SystemdStatus.properties) -- web.service db.socket"
    #expect(
      vm.lines("calls")
        == [
          show, "start -- web.service db.socket", show, show, "stop -- web.service db.socket", show,
        ]
    )
    #expect(vm.read("monit/stopped") == "")
  }

  @Test func outputOfSystemctlIsReported() throws {
    #expect(
      try run(.start, vm(["web"], code: 1))
        == .failed("systemctl start ended with exit status 1: Job for web.service failed.")
    )
  }

  @Test func anUnknownUnitIsAnErrorBeforeAnythingStarts() throws {
    let vm = vm(["web", "x"])
    unlink(vm.at("units/x.service"))
    #expect(
      try run(.start, vm) == .failed("systemd has no unit 'x.service'; see 'jobs/…/systemd'")
    )
    #expect(!vm.lines("calls").contains { $0.hasPrefix("start") })
  }

  @Test(arguments: [
    ("web.target extra", ["web.target", "extra.service"]), ("getty@tty1", ["getty@tty1.service"]),
    ("", []), ("web\nweb.service # twice", ["web.service"]),
  ])
  func readsUnits(_ text: String, _ units: [String]) throws {
    let vm = vm([text])
    #expect(try SystemdUnits.read(of: "a", on: vm.open()) == units)
    #expect(try vm.open().hasProcesses(of: "a") == !units.isEmpty)
  }

  @Test(arguments: ["--root=/", "web/x", "../web", ".hidden", "wéb", "web@", "web@.service"])
  func refusesOtherNames(_ text: String) throws {
    let vm = vm([text])
    let failure = #expect(throws: PlainFailure.self) {
      try SystemdUnits.read(of: "a", on: vm.open())
    }
    #expect(failure?.words.hasPrefix("\(vm.at("jobs/a/systemd")):2 ") == true)
  }

  @Test func withoutAFileItIsTheReleaseJobsOwnService() throws {
    let vm = TemporaryVM()
    vm.write("jobs/a/monit", "check process a with pidfile x group vcap\n")
    #expect(try SystemdUnits.read(of: "a", on: vm.open()) == ["a.service"])
  }

  @Test func ctlCannotStartUnits() throws {
    let vm = vm(["web"])
    guard case .failed(let words)? = try run(.start, vm, supervisor: .ctl) else {
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

  /// A start that only gets what systemd would say.
  private func start(
    settle: Duration = .seconds(10),
    before: String = "Id=web.service\nActiveState=inactive\n",
    remark: @escaping (Remark.Kind, String) -> Void = { _, _ in }
  ) throws -> SystemdOperation {
    let machinery = try Machinery()
    let operation = SystemdOperation(
      SupervisorOrder(
        verb: .start,
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
    operation.begin(before: SystemdStatus.read(before))
    return operation
  }

  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test func settlesWithTheSameProcessAndNoRestart() throws {
    var said: [String] = []
    let start = try start { said.append($1) }
    func look(_ text: String, _ second: Int64) -> AttemptResult? {
      start.take(SystemdStatus.read(text), at: at(second))
    }
    #expect(look(status("activating", 0), 0) == nil)
    #expect(look(status("active", 5), 1) == nil)
    #expect(look(status("reloading", 5), 5) == nil)
    #expect(look(status("active", 5), 10) == nil)
    #expect(look(status("active", 6, restarts: 1), 11) == nil)
    #expect(look(status("activating", 0, restarts: 1, sub: "auto-restart"), 12) == nil)
    #expect(look(status("active", 7, restarts: 2), 13) == nil)
    #expect(look(status("active", 7, restarts: 2), 22) == nil)
    #expect(look(status("active", 7, restarts: 2), 23) == .exited(0))
    #expect(
      said == [
        "'web.service' runs, but not for long enough yet (restarted once)",
        "'web.service' ended, and systemd is about to start it again (restarted once)",
        "'web.service' runs, but not for long enough yet (restarted 2 times)",
      ]
    )
  }

  @Test func aReloadIsNotARestart() throws {
    let start = try start { #expect(Bool(false), "said \($1)") }
    for (active, second, end) in [
      ("active", 1, nil), ("reloading", 5, nil), ("active", 8, nil), ("reloading", 11, true),
    ] as [(String, Int64, Bool?)] {
      let result = start.take(SystemdStatus.read(status(active, 5)), at: at(second))
      #expect(result == (end == nil ? nil : .exited(0)))
    }
  }

  @Test func aFailedUnitIsAFailureOfAStart() throws {
    let failed = SystemdStatus.read(status("failed", 0))
    #expect(
      try start().take(failed, at: at(0))
        == .failed(
          "'web.service' has failed (exit-code); see 'journalctl -u web.service'"
        )
    )
  }

  @Test func aFailedUnitIsStoppedAndOneThatStopsIsNot() {
    let before = SystemdStatus.read(status("active", 5))
    func stop(_ active: String) -> SystemdStop {
      SystemdStop(before: before, now: SystemdStatus.read(status(active, 0)), unitSource: "")
    }
    #expect(stop("failed").left == [] && stop("failed").end == .exited(0))
    #expect(
      stop("failed").remarks.map(\.1) == ["'web.service' ended with a failure (exit-code)"]
    )
    #expect(stop("deactivating").left == ["'web.service' is deactivating"])
  }

  @Test(arguments: [
    ("Failed to start x.service: Transport endpoint is not connected\nSee logs\n", true),
    ("Warning! D-Bus connection terminated.\nFailed to wait for response: Broken pipe\n", true),
    ("Job for connection.service failed because the control process exited.\n", false),
  ])
  func anUnreachableSystemdIsDistinguished(_ text: String, _ isLost: Bool) {
    switch SystemctlFailure("systemctl start ended with exit status 1", saying: text) {
    case .lost: #expect(isLost)
    case .refused: #expect(!isLost)
    }
  }

  @Test func aWarningOfSystemctlIsNotItsFailure() {
    let text = "Warning: The unit file of web.service changed.\nJob for web.service failed.\n"
    #expect(
      SystemctlFailure("it failed", saying: text)
        == .refused("it failed: Job for web.service failed.")
    )
  }

  @Test func jobsThatWaitForEachOtherAreRead() {
    let before = """
      67 own.service       start running
      74 late.service      start waiting
      └─ \twaiting for job 2 (multi-user.target/start) -     -
      2  multi-user.target start waiting
      └─ \twaiting for job 67 (own.service/start)      -     -
      80 free.service      start waiting
      """
    let way = ["late.service", "multi-user.target", "own.service"]
    #expect(SystemdJobs.read(before).way(from: "late.service", to: "own.service") == way)
    #expect(SystemdJobs.read(before).way(from: "free.service", to: "own.service") == nil)
    let after = """
      67 own.service       start running
      └─ \tblocking job 2 (multi-user.target/start)    -     -
      2  multi-user.target start waiting
      └─ \tblocking job 74 (late.service/start)        -     -
      74 late.service      start waiting
      """
    #expect(SystemdJobs.read(after).way(from: "late.service", to: "own.service") == way)
  }

  @Test(arguments: [
    ("0::/system.slice/lockstep-x.service\n", "lockstep-x.service"),
    ("12:name=systemd:/system.slice/a.service\n1:cpu:/b.service\n0::/\n", "a.service"),
    ("0::/system.slice/a.service/inner\n", "a.service"),
    ("0::/user.slice/user-0.slice/session-1.scope\n", "session-1.scope"), ("0::/\n", nil),
  ])
  func theOwnUnitIsKnownByItsCgroup(_ text: String, _ name: String?) {
    #expect(OwnUnit.name(inCgroups: text) == name)
  }

  @Test func messagesToAndFromTheBusAreWellFormed() {
    let call = DBusCall.reference(to: "a.service").bytes(serial: 7)
    #expect(Array(call[..<4]) == [UInt8(ascii: "l"), 1, 0, 1] && call[8] == 7)
    // The body is a text of nine bytes with its length and a NUL.
    #expect(call[4] == 14 && Array(call.suffix(10)) == Array("a.service\0".utf8))
    #expect((call.count - 14) % 8 == 0)
    var replies = DBusReplies()
    // An error, a signal, and a return in the other byte order, in parts.
    let error: [UInt8] =
      [0x6C, 3, 1, 1, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0] + [1, 2, 3, 0, 0, 0, 0, 0]
      + [9, 9]
    let signal: [UInt8] = [0x6C, 4, 1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    let reply: [UInt8] = [0x42, 2, 1, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 5]
    for byte in Array("OK 1234\r\n".utf8) + error + signal + reply { replies.add([byte]) }
    #expect(replies.count == 2 && replies.length == 0)
  }

  /// What the real program says when systemd is not process 1.
  @Test(
    .enabled(
      if: access("/usr/bin/systemctl", X_OK) == 0 && access(Systemctl.bootedFolder, F_OK) != 0,
      "needs systemctl on a machine that was not booted with systemd"
    )
  )
  func aMachineNotBootedBySystemdIsRecognised() throws {
    let vm = vm(["web"])
    guard case .failed(let words)? = try run(.start, vm, supervisor: .systemd(nil)) else {
      Issue.record("it started")
      return
    }
    #expect(words.hasPrefix("systemctl show ended with exit status 1: System has not been booted"))
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    let problems = try Preflight.problems(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .systemd(nil)
    )
    #expect(problems.map(\.path) == ["/run/systemd/system"])
  }
}
