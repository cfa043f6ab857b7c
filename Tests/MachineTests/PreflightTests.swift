import CLinux
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// What is found before anything is started.
///
/// FailureTests has the findings about scripts.
@Suite struct PreflightTests {
  private func look(
    _ vm: TemporaryVM,
    _ plan: TestGraph,
    supervisor: SupervisorChoice = .auto
  ) throws -> [String] {
    Preflight.problems(
      graph: plan.graph,
      vms: [plan.instance: try vm.open()],
      supervisor: supervisor
    ).map { problem in
      let path = problem.path.replacingPrefix(vm.path, "ROOT")
      return "\(path): \(problem.what)" + (problem.help.map { "; \($0)" } ?? "")
    }
  }

  private func plan() -> TestGraph {
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.script("pre-start"), on: "a")
    return plan
  }

  private func goodVM() -> TemporaryVM {
    let vm = TemporaryVM()
    vm.script("a", "pre-start", "exit 0")
    return vm
  }

  @Test func findsWhatEnvWillNotFind() throws {
    let path = "/usr/sbin:/usr/bin:/sbin:/bin"
    for (line, name, help) in [
      ("nosuchruby", "nosuchruby", "install it there, or write its full path in the first line"),
      (
        "sh -e", "sh -e",
        "env takes all of it as one name: write the path of the interpreter, or use env -S"
      ),
    ] {
      let vm = TemporaryVM()
      vm.write("jobs/a/bin/pre-start", bytes: Array("#!/usr/bin/env \(line)\n".utf8), mode: 0o755)
      #expect(
        try look(vm, plan()) == [
          "ROOT/jobs/a/bin/pre-start: asks env for '\(name)', which is not in \(path); \(help)"
        ]
      )
    }
    for line in ["sh", "  sh  ", "-S sh -e", "A=1"] {
      let vm = TemporaryVM()
      vm.write("jobs/a/bin/pre-start", bytes: Array("#!/usr/bin/env \(line)\n".utf8), mode: 0o755)
      #expect(try look(vm, plan()) == [], "\(line)")
    }
  }

  @Test func findsNothingIfAllIsWell() throws {
    let vm = goodVM()
    #expect(try look(vm, plan()) == [])
    #expect(try namesInFolder(vm.at("sys/log")) == [])
    rmdir(vm.at("sys/log"))
    #expect(try look(vm, plan()) == [])
  }

  @Test func findsAMissingScript() throws {
    let vm = TemporaryVM()
    vm.makeFolder("jobs/a")
    #expect(try look(vm, plan()) == ["ROOT/jobs/a/bin/pre-start: does not exist; put it there"])
  }

  @Test func findsAMissingReleaseJob() throws {
    let problems = try look(TemporaryVM(), plan())
    #expect(problems.first?.contains("ROOT/jobs/a: does not exist, but the plan has") ?? false)
  }

  @Test func findsUnusableLogs() throws {
    let vm = goodVM()
    vm.makeFolder("sys/log/a")
    mkfifo(vm.at("sys/log/a/pre-start.stdout.log"), 0o644)
    symlink("x", vm.at("sys/log/a/pre-start.stderr.log"))
    #expect(
      try look(vm, plan()) == [
        "ROOT/sys/log/a/pre-start.stdout.log: is a named pipe, not a log; remove it",
        "ROOT/sys/log/a/pre-start.stderr.log: is a link, not a log; remove it",
      ]
    )
  }

  @Test func findsUnusableFoldersForLogs() throws {
    let vm = goodVM()
    symlink("nowhere", vm.at("sys/log/a"))
    #expect(
      try look(vm, plan()) == [
        "ROOT/sys/log/a: is a dangling link, and logs go there; fix or remove it"
      ]
    )
    unlink(vm.at("sys/log/a"))
    rmdir(vm.at("sys/log"))
    vm.write("sys/log", "")
    #expect(
      try look(vm, plan()) == ["ROOT/sys/log: is not a folder, and logs go there; remove it"]
    )
    unlink(vm.at("sys/log"))
    symlink("/", vm.at("sys/log"))
    #expect(
      try look(vm, plan()) == [
        "ROOT/sys/log: leads outside the VM's folder, to '/'; fix the link"
      ]
    )
  }

  @Test func findsBadControlFiles() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    vm.write("jobs/a/monit", "check process a\n")
    #expect(
      try look(vm, plan) == [
        "ROOT/jobs/a/monit: line 2:1 ends where monit wants 'pidfile', 'path' or 'matching'"
      ]
    )
    vm.write("jobs/a/monit", "check process a matching \"x\" group vcap\n")
    #expect(try look(vm, plan) == [])
    #expect(
      try look(vm, plan, supervisor: .ctl) == [
        "ROOT/jobs/a/monit: line 1 finds the process 'a' by 'matching', which only monit does; "
          + "use 'with pidfile PATH' or --supervisor monit"
      ]
    )
    vm.write("jobs/a/monit", "check process a pidfile /x group vcap\n")
    #expect(
      try look(vm, plan, supervisor: .ctl) == [
        "ROOT/jobs/a/monit: has no start program for the process 'a'; add 'start program = \"…\"'"
      ]
    )
  }

  @Test func findsUnitsThatNoSupervisorStarts() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    vm.write("jobs/a/systemd", "web\n")
    #expect(
      try look(vm, plan, supervisor: .ctl) == [
        "ROOT/jobs/a: has systemd units and no monit file; use --supervisor systemd on a machine "
          + "that was booted with systemd"
      ]
    )
    #expect(try look(vm, plan, supervisor: .systemd("/bin/true")) == [])
    vm.write("jobs/a/systemd", "web\nb;x\n")
    #expect(
      try look(vm, plan, supervisor: .systemd("/bin/true")) == [
        "ROOT/jobs/a/systemd: line 2 'b;x' is not the name of a systemd unit, such as web.service"
      ]
    )
  }

  @Test func findsAControlFileOfMonitThatDoesNotHelp() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    let file = vm.at("monitrc")
    #expect(
      try look(vm, plan, supervisor: .monit(file)) == ["ROOT/monitrc: No such file or directory"]
    )
    vm.write("monitrc", "set daemon 10")
    #expect(
      try look(vm, plan, supervisor: .monit(file)) == [
        "ROOT/monitrc: has no 'set httpd port N'; monit cannot be asked without it"
      ]
    )
  }

  @Test func findsAControlFileOfTheVMsOwnMonitThatDoesNotHelp() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    vm.write("bosh/etc/monitrc", "set httpd port 99999\n")
    let found = [
      "ROOT/bosh/etc/monitrc: its httpd has the port '99999', which is not a port number; "
        + "fix it, or choose with --supervisor ctl or monit=FILE"
    ]
    #expect(try look(vm, plan) == found)
    #expect(try look(vm, plan, supervisor: .monit(nil)) == found)
    #expect(try look(vm, plan, supervisor: .ctl) == [])
    vm.write("bosh/etc/monitrc", "set httpd port 9\nallow \"x\n")
    #expect(
      try look(vm, plan, supervisor: .monit(vm.at("bosh/etc/monitrc"))) == [
        "ROOT/bosh/etc/monitrc: line 2: has a quote without an end"
      ]
    )
  }

  @Test func findsAControlFileThatDoesNotLoadTheProcesses() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    vm.write("jobs/a/monit", "check process a matching \"x\" group vcap\n")
    let file = vm.at("monitrc")
    let http = "set httpd port 9\n"
    func look(_ text: String) throws -> [String] {
      vm.write("monitrc", http + text)
      return try self.look(vm, plan, supervisor: .monit(file))
    }
    let found = [
      "ROOT/monitrc: loads no file with the process 'a' of jobs/a; "
        + "add the line: include \(vm.path)/monit/job/*.monitrc"
    ]
    #expect(try look("include \(vm.at("other"))/*.monitrc\n") == found)
    #expect(try look("check system me\n") == found)
    #expect(try look("include \(vm.at("monit/job"))/*.monitrc\n") == [])
    #expect(try look("include \(vm.at("jobs"))/*/monit\n") == [])
    // Then monit has its files from elsewhere.
    #expect(try look("") == [])
  }

  @Test func findsForbiddenNames() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["../x"])
    _ = plan.add(.script("pre-start"), on: "../x")
    #expect(
      try look(vm, plan) == [
        "ROOT/jobs/'../x': the name of this release job contains '/'; rename it"
      ]
    )
  }

  @Test func findsAReleaseJobThatTwoInstancesShare() throws {
    let vm = goodVM()
    var plan = TestGraph(releaseJobs: ["a"])
    let job = plan.graph.subjects.append("db", in: .deployment)
    let other = plan.graph.subjects.append("0", in: job)
    _ = plan.graph.subjects.append("a", in: other)
    let machine = try vm.open()
    #expect(
      Preflight.problems(graph: plan.graph, vms: [plan.instance: machine, other: machine])
        == [
          Problem(
            path: vm.at("jobs/a"),
            what: "is the release job of both vm/0 and db/0",
            help: "give each instance its own VM"
          )
        ]
    )
  }

  @Test func ignoresWhatNeedNotFail() throws {
    let vm = TemporaryVM()
    vm.makeFolder("jobs/a")
    var plan = plan()
    plan.graph.steps[StepTemplateID(0)].change { $0.isOptional = true }
    #expect(try look(vm, plan) == [])
    plan.graph.steps[StepTemplateID(0)].change { $0.isOptional = false }
    plan.graph.steps[StepTemplateID(0)].change { $0.condition = .exists("x") }
    #expect(try look(vm, plan) == [])
    plan.graph.steps[StepTemplateID(0)].change { $0.condition = nil }
    plan.graph.steps[StepTemplateID(0)].change { $0.skipReason = "not here" }
    #expect(try look(vm, plan) == [])
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, _ by: String) -> String {
    hasPrefix(prefix) ? by + dropFirst(prefix.count) : self
  }
}
