import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
import Testing
@testable import VM

/// What root refuses to run, because somebody else could have put it there.
@Suite(.enabled(if: geteuid() == 0, "needs root"), .serialized) struct IntrusionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var spoil: @Sendable (TemporaryVM) -> Void
    /// Where, relative to the VM's folder, and what; nil if nothing is wrong.
    var fault: (path: String, what: String)?

    init(
      _ name: String,
      _ path: String? = nil,
      _ what: String = "",
      _ spoil: @escaping @Sendable (TemporaryVM) -> Void
    ) {
      testDescription = name
      self.spoil = spoil
      fault = path.map { ($0, what + ", and root would run it") }
    }
  }

  private static let everybody = "can be written by everyone"
  private static let foreign = "belongs to user 1234"

  /// A VM as the agent leaves it: `jobs/a` an absolute link, everything `root:vcap` and 0750.
  private static func vm() -> TemporaryVM {
    let vm = TemporaryVM()
    vm.write("data/jobs/a/1/bin/pre-start", "#!/bin/sh\necho ran\n", mode: 0o750)
    for folder in ["data", "data/jobs", "data/jobs/a", "data/jobs/a/1", "data/jobs/a/1/bin"] {
      chmod(vm.at(folder), 0o750)
      chown(vm.at(folder), 0, 1000)
    }
    chown(vm.at("data/jobs/a/1/bin/pre-start"), 0, 1000)
    symlink(vm.at("data/jobs/a/1"), vm.at("jobs/a"))
    return vm
  }

  static let cases = [
    Case("as the agent leaves it") { _ in },
    Case("the group root may write") {
      chown($0.at("data/jobs"), 0, 0)
      chmod($0.at("data/jobs"), 0o770)
    },
    Case("a folder of everybody with the sticky bit") { chmod($0.at("data"), 0o1777) },
    Case("logs that vcap may write") {
      $0.makeFolder("sys/log/a", mode: 0o770)
      chown($0.at("sys/log/a"), 0, 1000)
    },
    Case("the root belongs to somebody", "", foreign) { chown($0.path, 1234, 0) },
    Case("the root is open to all", "", everybody) { chmod($0.path, 0o777) },
    Case("jobs belongs to somebody", "/jobs", foreign) { chown($0.at("jobs"), 1234, 0) },
    Case("jobs is open to a group", "/jobs", "can be written by group 1000") {
      chown($0.at("jobs"), 0, 1000)
      chmod($0.at("jobs"), 0o775)
    },
    Case("a folder behind the link", "/data/jobs/a", everybody) {
      chmod($0.at("data/jobs/a"), 0o757)
    },
    Case("the folder that the link leads to", "/data/jobs/a/1", foreign) {
      chown($0.at("data/jobs/a/1"), 1234, 0)
    },
    Case("bin", "/data/jobs/a/1/bin", foreign) { chown($0.at("data/jobs/a/1/bin"), 1234, 0) },
    Case("the script belongs to somebody", "/data/jobs/a/1/bin/pre-start", foreign) {
      chown($0.at("data/jobs/a/1/bin/pre-start"), 1234, 0)
    },
    Case("the script is open to all", "/data/jobs/a/1/bin/pre-start", everybody) {
      chmod($0.at("data/jobs/a/1/bin/pre-start"), 0o757)
    },
    Case("a link on the way stands in a folder of somebody", "/loose", everybody) {
      $0.makeFolder("loose", mode: 0o777)
      symlink($0.at("data/jobs/a/1"), $0.at("loose/a"))
      unlink($0.at("jobs/a"))
      symlink("../loose/a", $0.at("jobs/a"))
    },
    Case("a script that is a link into a folder of somebody", "/loose", everybody) {
      $0.makeFolder("loose", mode: 0o777)
      $0.write("loose/x", "#!/bin/sh\n", mode: 0o755)
      unlink($0.at("data/jobs/a/1/bin/pre-start"))
      symlink("../../../../../loose/./x", $0.at("data/jobs/a/1/bin/pre-start"))
    },
  ]

  @Test("BOSH 12, ownership: root runs nothing that others could replace", arguments: cases)
  func refuses(_ example: Case) throws {
    let vm = Self.vm()
    example.spoil(vm)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let vms = [plan.instance: try vm.open()]
    let problems = Preflight.problems(graph: plan.graph, vms: vms)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: vms, supervisor: .ctl).drive(run)
    guard let fault = example.fault else {
      #expect(problems == [])
      #expect(run.results[node] == .exited(0))
      return
    }
    let problem = Problem(
      path: vm.path + fault.path,
      what: fault.what,
      help: "if you trust it: chown root and chmod go-w it; or run as its owner"
    )
    #expect(problems == [problem])
    #expect(run.results[node] == .failed(problem.description))
    #expect(vm.read("sys/log/a/pre-start.stdout.log") == "")
  }

  @Test func aLinkOutOfTheFolderAndBackIsCheckedTheSameWay() throws {
    let outside = TemporaryVM()
    let vm = Self.vm()
    symlink(vm.at("data/jobs/a/1"), outside.at("back"))
    unlink(vm.at("jobs/a"))
    symlink(outside.at("back"), vm.at("jobs/a"))
    #expect(try vm.open().intrusion(at: "jobs/a/bin/pre-start") == nil)
    chmod(outside.path, 0o777)
    #expect(try vm.open().intrusion(at: "jobs/a/bin/pre-start")?.path == outside.path)
  }

  @Test func aSpecOfAnotherUserIsNotTrusted() throws {
    let vm = Self.vm()
    vm.write(
      "bosh/spec.json",
      "{\"job\":{\"templates\":[{\"name\":\"a\"}]},\"rendered_templates_archive\":{}}"
    )
    chown(vm.at("bosh/spec.json"), 1234, 0)
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.script("pre-start"), on: "a")
    let problems = Preflight.problems(graph: plan.graph, vms: [plan.instance: try vm.open()])
    #expect(problems.map(\.path) == [vm.at("bosh/spec.json")])
  }

  // MARK: What is started and stopped

  /// A VM with a process whose program shows that it ran; `as` follows the start program.
  private static func vmWithProcess(_ vm: TemporaryVM, as options: String = "") {
    vm.write("data/jobs/a/1/bin/ctl", "#!/bin/sh\necho ran >>'\(vm.path)/ran'\nexit 1\n")
    chmod(vm.at("data/jobs/a/1/bin/ctl"), 0o755)
    vm.write(
      "data/jobs/a/1/monit",
      """
      check process a with pidfile \(vm.at("a.pid"))
        start program "/var/vcap/jobs/a/bin/ctl start" \(options)
        group vcap
      """
    )
  }

  static let processCases = [
    Case("nothing is wrong") { _ in },
    Case("the program belongs to somebody", "/data/jobs/a/1/bin/ctl", foreign) {
      chown($0.at("data/jobs/a/1/bin/ctl"), 1234, 0)
    },
    Case("the folder of the program is open to all", "/data/jobs/a/1/bin", everybody) {
      chmod($0.at("data/jobs/a/1/bin"), 0o757)
    },
    Case("the monit file belongs to somebody", "/data/jobs/a/1/monit", foreign) {
      chown($0.at("data/jobs/a/1/monit"), 1234, 0)
    },
    Case("one more monit file belongs to somebody", "/data/jobs/a/1/b.monit", foreign) {
      $0.write("data/jobs/a/1/b.monit", "# nothing\n")
      chown($0.at("data/jobs/a/1/b.monit"), 1234, 0)
    },
    Case("a program elsewhere in a folder of somebody", "/elsewhere", everybody) {
      $0.makeFolder("elsewhere", mode: 0o777)
      $0.write("elsewhere/ctl", "#!/bin/sh\nexit 1\n", mode: 0o755)
      unlink($0.at("data/jobs/a/1/bin/ctl"))
      symlink(
        "\($0.path)/../\($0.path.split(separator: "/").last ?? "")/elsewhere/ctl",
        $0.at("data/jobs/a/1/bin/ctl")
      )
    },
  ]

  @Test(
    "BOSH 12, ownership: root starts no process that others could replace",
    arguments: processCases
  )
  func refusesProcesses(_ example: Case) throws {
    let vm = Self.vm()
    Self.vmWithProcess(vm)
    example.spoil(vm)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.start, on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    guard case .failed(let words) = run.results[node] else {
      Issue.record("\(String(describing: run.results[node]))")
      return
    }
    guard let fault = example.fault else {
      #expect(vm.read("ran") == "ran\n" && words.contains("ended with exit status 1"))
      return
    }
    #expect(words.contains("\(vm.path)\(fault.path): \(fault.what)"))
    #expect(vm.read("ran") == nil)
  }

  @Test func aProgramOfTheUserThatItRunsAsIsAccepted() throws {
    let vm = Self.vm()
    Self.vmWithProcess(vm, as: "as uid 1234")
    chown(vm.at("data/jobs/a/1/bin/ctl"), 1234, 0)
    // That user can get there, and write down that it did.
    for folder in ["data", "data/jobs", "data/jobs/a", "data/jobs/a/1", "data/jobs/a/1/bin"] {
      chmod(vm.at(folder), 0o755)
    }
    vm.write("ran", "")
    chown(vm.at("ran"), 1234, 0)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.start, on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    #expect(vm.read("ran") == "ran\n")
  }

  @Test func foreignControlFilesAreFoundBeforeTheRun() throws {
    let vm = Self.vm()
    Self.vmWithProcess(vm)
    vm.write("data/jobs/a/1/b.monit", "# nothing\n")
    chown(vm.at("data/jobs/a/1/b.monit"), 1234, 0)
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.start, on: "a")
    let problems = Preflight.problems(
      graph: plan.graph,
      vms: [plan.instance: try vm.open()],
      supervisor: .ctl
    )
    #expect(problems.map(\.path) == [vm.at("data/jobs/a/1/b.monit")])
  }

  /// Scripts and control files are in the same folder.
  @Test func aFolderOfAnotherUserIsReportedOnce() throws {
    let vm = Self.vm()
    Self.vmWithProcess(vm)
    vm.script("a", "pre-start", "exit 0")
    chown(vm.at("jobs"), 1234, 0)
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.script("pre-start"), on: "a")
    _ = plan.add(.start, on: "a")
    let problems = Preflight.problems(graph: plan.graph, vms: [plan.instance: try vm.open()])
    #expect(problems.map(\.path) == [vm.at("jobs")])
  }
}
