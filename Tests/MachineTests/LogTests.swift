import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// The log files of steps.
@Suite struct LogTests {
  private func open(_ vm: TemporaryVM, _ folder: String = "a") throws {
    let pair = try LogStore(vm: vm.open()).open(folder: folder, stem: "pre-start")
    _ = write(pair.stdout.number, "out", 3)
    _ = write(pair.stderr.number, "err", 3)
  }

  private func mode(_ path: String) -> mode_t? {
    FileStatus(path, follow: false).map { $0.mode & 0o7777 }
  }

  private func refusal(_ vm: TemporaryVM, _ folder: String = "a") -> LogFailure? {
    do {
      _ = try LogStore(vm: vm.open()).open(folder: folder, stem: "pre-start")
      return nil
    } catch {
      return error as? LogFailure
    }
  }

  @Test("BOSH 4.1, 4.5: folders 0750 and files 0640 are made, and every run appends")
  func makesFoldersAndFilesAndAppends() throws {
    let vm = TemporaryVM()
    rmdir(vm.at("sys/log"))
    try open(vm)
    try open(vm)
    #expect(vm.read("sys/log/a/pre-start.stdout.log") == "outout")
    #expect(vm.read("sys/log/a/pre-start.stderr.log") == "errerr")
    #expect(mode(vm.at("sys/log/a")) == 0o750)
    #expect(mode(vm.at("sys/log/a/pre-start.stdout.log")) == 0o640)
  }

  @Test("BOSH 4.2: the mode of what is there stays, such as 0770")
  func leavesTheModeOfExistingFiles() throws {
    let vm = TemporaryVM()
    vm.makeFolder("sys/log/a", mode: 0o770)
    vm.write("sys/log/a/pre-start.stdout.log", "old ", mode: 0o600)
    try open(vm)
    #expect(mode(vm.at("sys/log/a")) == 0o770)
    #expect(mode(vm.at("sys/log/a/pre-start.stdout.log")) == 0o600)
    #expect(vm.read("sys/log/a/pre-start.stdout.log") == "old out")
  }

  @Test("BOSH 4.1: sys is a link to data/sys")
  func followsLinksInsideTheVMsFolder() throws {
    let vm = TemporaryVM()
    vm.makeFolder("data")
    rename(vm.at("sys"), vm.at("data/sys"))
    symlink(vm.at("data/sys"), vm.at("sys"))
    vm.makeFolder("data/elsewhere")
    symlink(vm.at("data/elsewhere"), vm.at("data/sys/log/a"))
    try open(vm)
    #expect(vm.read("data/elsewhere/pre-start.stdout.log") == "out")
  }

  @Test("BOSH 12, containment: folders of logs that lead outside are refused")
  func refusesWhatLeadsOutside() throws {
    let vm = TemporaryVM()
    let outside = TemporaryVM()
    symlink(outside.path, vm.at("sys/log/a"))
    #expect(
      refusal(vm)
        == .refused("\(vm.path)/sys/log/a leads outside the VM's folder, to '\(outside.path)'")
    )
    rmdir(vm.at("sys/run"))
    unlink(vm.at("sys/log/a"))
    rmdir(vm.at("sys/log"))
    symlink(outside.path, vm.at("sys/log"))
    #expect(
      refusal(vm)
        == .refused(
          "the folder \(vm.path)/sys/log leads outside the VM's folder, to '\(outside.path)'"
        )
    )
    #expect(try namesInFolder(outside.path) == ["jobs", "sys"])
  }

  @Test("BOSH 4.3, 4.4, 12: a log that is a link, a pipe, a device or a folder is refused")
  func refusesWhatIsNotAFile() throws {
    let vm = TemporaryVM()
    vm.makeFolder("sys/log/a")
    let path = vm.at("sys/log/a/pre-start.stdout.log")
    symlink(vm.at("other"), path)
    #expect(refusal(vm) == .refused("\(path) is a link, not a log; remove it"))
    #expect(vm.read("other") == nil)
    unlink(path)
    mkfifo(path, 0o644)
    #expect(
      refusal(vm) == .refused("\(path) is a named pipe, not a log; remove it")
    )
    unlink(path)
    vm.makeFolder("sys/log/a/pre-start.stdout.log")
    #expect(refusal(vm) == .refused("\(path) is a folder, not a log; remove it"))
    rmdir(path)
    vm.write("other", "of somebody")
    Glibc.link(vm.at("other"), path)
    #expect(
      refusal(vm)
        == .refused("\(path) is a file with other hard links, not a log; remove it")
    )
    #expect(vm.read("other") == "of somebody")
    unlink(path)
    if geteuid() == 0, mknod(path, S_IFCHR | 0o666, 0x103) == 0 {
      #expect(refusal(vm) == .refused("\(path) is a device, not a log; remove it"))
    }
  }

  @Test("BOSH 4.3: with a folder in a log's place (EISDIR) a script has failed and has not run")
  func aFolderInPlaceOfALog() throws {
    let vm = TemporaryVM()
    vm.script("a", "pre-start", "touch '\(vm.path)/ran'")
    vm.makeFolder("sys/log/a")
    vm.makeFolder("sys/log/a/pre-start.stderr.log")
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    let path = vm.at("sys/log/a/pre-start.stderr.log")
    #expect(run.results[node] == .failed("\(path) is a folder, not a log; remove it"))
    #expect(vm.read("ran") == nil)
  }

  @Test func refusesAFileInPlaceOfTheFolder() {
    let vm = TemporaryVM()
    vm.write("sys/log/a", "")
    #expect(refusal(vm) == .refused("\(vm.path)/sys/log/a is not in a folder"))
  }

  @Test func namesAreFitForFiles() {
    #expect(
      StepLogNames.fileName("run-/var/vcap/jobs/app/bin/migrate")
        == "run-var-vcap-jobs-app-bin-migrate"
    )
    #expect(StepLogNames.fileName("../../etc") == "etc")
    #expect(StepLogNames.fileName("rm -rf $DUMP && x") == "rm-rf-DUMP-x")
    #expect(StepLogNames.fileName("ä\n") == "step")
    #expect(StepLogNames.fileName(String(repeating: "x", count: 300)).utf8.count == 100)
  }

  @Test func namesAreUnique() {
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.script("pre-start"), name: "pre-start", phase: "one", on: "a")
    _ = plan.add(.run(.shell("x")), name: "pre-start", phase: "two", on: "a")
    _ = plan.add(.run(.shell("x")), name: "check", phase: "one", on: "a")
    _ = plan.add(.run(.shell("y")), name: "check", phase: "two", on: "a")
    _ = plan.add(.run(.shell("z")), name: "a b", phase: "one", on: "a")
    _ = plan.add(.run(.shell("z")), name: "a-b", phase: "one", on: "a")
    _ = plan.add(.start, name: "start", phase: "one", on: "a")
    let names = StepLogNames(plan.graph)
    #expect(
      (0..<7).map { names.stem(StepTemplateID($0)) } == [
        "pre-start", "two.pre-start", "one.check", "two.check", "one.a-b", "one.a-b.2", nil,
      ]
    )
  }
}
