import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// Scripts that cannot be executed: what a run and the preflight say about each.
@Suite(.serialized) struct FailureTests {
  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]
    var mode: mode_t = 0o755
    var what: String
    var help: String

    init(_ name: String, _ text: String, mode: mode_t = 0o755, what: String, help: String) {
      testDescription = name
      bytes = Array(text.utf8)
      self.mode = mode
      self.what = what
      self.help = help
    }
  }

  static let faults = [
    Fault(
      "no shebang",
      "echo\n",
      what: "has no shebang",
      help: "no shell is put in front: begin it with a line such as #!/bin/bash"
    ),
    Fault("empty", "", what: "is empty", help: "begin it with a line such as #!/bin/bash"),
    Fault(
      "byte order mark",
      "\u{FEFF}#!/bin/sh\n",
      what: "begins with a byte order mark",
      help: "save it as UTF-8 without one, so that #! are its first two bytes"
    ),
    Fault(
      "shebang not on byte 0",
      "\n#!/bin/sh\n",
      what: "has blanks or empty lines before its shebang",
      help: "make #! its first two bytes"
    ),
    Fault(
      "CRLF",
      "#!/bin/sh\r\necho\r\n",
      what: "has a shebang line that ends in CR LF",
      help: "save it with LF line ends, as dos2unix does"
    ),
    Fault(
      "interpreter missing",
      "#!/no/such/shell -e\n",
      what: "asks for the interpreter '/no/such/shell', which does not exist",
      help: "install it or correct the first line"
    ),
    Fault(
      "interpreter not executable",
      "#!/etc/passwd\n",
      what: "asks for the interpreter '/etc/passwd', which cannot be executed",
      help: "correct the first line"
    ),
    Fault(
      "no interpreter",
      "#! \n",
      what: "has a shebang without an interpreter",
      help: "name one, as in #!/bin/bash"
    ),
    Fault(
      "not executable",
      "#!/bin/sh\n",
      mode: 0o644,
      what: "is not executable",
      help: "chmod 0750 it"
    ),
  ]

  private func run(_ vm: TemporaryVM) throws -> (AttemptResult?, [Problem]) {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let vms = [plan.instance: try vm.open()]
    let problems = Preflight.problems(graph: plan.graph, vms: vms)
    #expect((try? namesInFolder(vm.at("sys/log"))) == [], "a look leaves nothing")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: vms, supervisor: .ctl).drive(run)
    return (run.results[node], problems)
  }

  @Test(
    "BOSH 3.1, 4.1: execve of the path itself, without a shell; both logs exist all the same",
    arguments: FailureTests.faults
  ) func says(_ fault: Fault) throws {
    let vm = TemporaryVM()
    vm.write("jobs/a/bin/pre-start", bytes: fault.bytes, mode: fault.mode)
    let path = vm.at("jobs/a/bin/pre-start")
    let (result, problems) = try run(vm)
    #expect(result == .failed("\(path) \(fault.what); \(fault.help)"))
    #expect(problems == [Problem(path: path, what: fault.what, help: fault.help)])
    // bosh.md 4.1: both logs exist even when execve fails.
    #expect(vm.read("sys/log/a/pre-start.stdout.log") == "")
    #expect(vm.read("sys/log/a/pre-start.stderr.log") == "")
  }

  @Test("BOSH 2.2, 3.1: a folder in place of a script is there, and fails")
  func aFolderInPlaceOfAScript() throws {
    let vm = TemporaryVM()
    vm.makeFolder("jobs/a")
    vm.makeFolder("jobs/a/bin")
    vm.makeFolder("jobs/a/bin/pre-start")
    let (result, problems) = try run(vm)
    let path = vm.at("jobs/a/bin/pre-start")
    #expect(result == .failed("\(path) is a folder; put an executable file in its place"))
    #expect(problems.map(\.what) == ["is a folder"])
  }

  @Test("BOSH 12, containment: a script that leads outside the VM's folder does not run")
  func aScriptThatLeadsOutside() throws {
    let vm = TemporaryVM()
    let outside = TemporaryVM()
    outside.write("evil", "#!/bin/sh\ntouch '\(outside.at("ran"))'\n", mode: 0o755)
    vm.makeFolder("jobs/a")
    vm.makeFolder("jobs/a/bin")
    symlink(outside.at("evil"), vm.at("jobs/a/bin/pre-start"))
    let (result, problems) = try run(vm)
    #expect(
      result
        == .failed(
          "\(vm.at("jobs/a/bin/pre-start")) leads outside the VM's folder, to "
            + "'\(outside.at("evil"))'; only what is inside the VM's folder is run"
        )
    )
    #expect(problems.map(\.what) == ["leads outside the VM's folder, to '\(outside.at("evil"))'"])
    #expect(outside.read("ran") == nil)
  }

  @Test("BOSH 12, containment: a script that is a link inside the VM's folder runs")
  func aScriptThatIsALinkWithinTheRoot() throws {
    let vm = TemporaryVM()
    vm.write("data/real", "#!/bin/sh\nexit 5\n", mode: 0o755)
    vm.makeFolder("jobs/a")
    vm.makeFolder("jobs/a/bin")
    symlink(vm.at("data/real"), vm.at("jobs/a/bin/pre-start"))
    let (result, problems) = try run(vm)
    #expect(result == .exited(5))
    #expect(problems.isEmpty)
  }

  @Test func aCommandThatDoesNotExist() throws {
    let vm = TemporaryVM()
    var plan = TestGraph(releaseJobs: ["a"])
    let nodes = [
      plan.add(.run(.arguments(["/no/such"])), name: "one"),
      plan.add(.run(.arguments(["no-such-command"])), name: "two"),
      plan.add(.run(.arguments(["true"])), name: "three"),
      plan.add(.run(.shell("exit 6")), name: "four", on: "a"),
      plan.add(.run(.arguments(["a\0b"])), name: "five"),
    ]
    let run = FlatRun(nodes)
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    #expect(
      nodes.map { run.results[$0] } == [
        .failed("/no/such does not exist; put it there"),
        .failed(
          "'no-such-command' is not in /usr/sbin:/usr/bin:/sbin:/bin; give its full path"
        ), .exited(0), .exited(6),
        .failed(
          "its environment or arguments contain a NUL byte, which cannot be passed to a process"
        ),
      ]
    )
    #expect(
      try namesInFolder(vm.at("sys/log/lockstep")).filter { $0.hasPrefix("three") }
        == ["three.stderr.log", "three.stdout.log"]
    )
    #expect(vm.read("sys/log/a/four.stdout.log") == "")
  }
}
