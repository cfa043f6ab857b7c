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
  private func open(_ root: TemporaryRoot, _ folder: String = "a") throws {
    let pair = try LogStore(root: root.open()).open(folder: folder, stem: "pre-start")
    _ = write(pair.stdout.number, "out", 3)
    _ = write(pair.stderr.number, "err", 3)
  }

  private func mode(_ path: String) -> mode_t? {
    fileStatus(path, follow: false).map { $0.mode & 0o7777 }
  }

  private func refusal(_ root: TemporaryRoot, _ folder: String = "a") -> LogFailure? {
    do {
      _ = try LogStore(root: root.open()).open(folder: folder, stem: "pre-start")
      return nil
    } catch {
      return error as? LogFailure
    }
  }

  @Test("BOSH 4.1, 4.5: folders 0750 and files 0640 are made, and every run appends")
  func makesFoldersAndFilesAndAppends() throws {
    let root = TemporaryRoot()
    rmdir(root.at("sys/log"))
    try open(root)
    try open(root)
    #expect(root.read("sys/log/a/pre-start.stdout.log") == "outout")
    #expect(root.read("sys/log/a/pre-start.stderr.log") == "errerr")
    #expect(mode(root.at("sys/log/a")) == 0o750)
    #expect(mode(root.at("sys/log/a/pre-start.stdout.log")) == 0o640)
  }

  @Test("BOSH 4.2: the mode of what is there stays, such as 0770")
  func leavesTheModeOfWhatIsThere() throws {
    let root = TemporaryRoot()
    root.makeFolder("sys/log/a", mode: 0o770)
    root.write("sys/log/a/pre-start.stdout.log", "old ", mode: 0o600)
    try open(root)
    #expect(mode(root.at("sys/log/a")) == 0o770)
    #expect(mode(root.at("sys/log/a/pre-start.stdout.log")) == 0o600)
    #expect(root.read("sys/log/a/pre-start.stdout.log") == "old out")
  }

  @Test("BOSH 4.1: sys is a link to data/sys")
  func followsLinksWithinTheRoot() throws {
    let root = TemporaryRoot()
    root.makeFolder("data")
    rename(root.at("sys"), root.at("data/sys"))
    symlink(root.at("data/sys"), root.at("sys"))
    root.makeFolder("data/elsewhere")
    symlink(root.at("data/elsewhere"), root.at("data/sys/log/a"))
    try open(root)
    #expect(root.read("data/elsewhere/pre-start.stdout.log") == "out")
  }

  @Test("BOSH 12, containment: folders of logs that end outside are refused")
  func refusesWhatEndsOutside() throws {
    let root = TemporaryRoot()
    let outside = TemporaryRoot()
    symlink(outside.path, root.at("sys/log/a"))
    #expect(
      refusal(root)
        == .refused("\(root.path)/sys/log/a ends outside of the root, at '\(outside.path)'")
    )
    rmdir(root.at("sys/run"))
    unlink(root.at("sys/log/a"))
    rmdir(root.at("sys/log"))
    symlink(outside.path, root.at("sys/log"))
    #expect(
      refusal(root)
        == .refused(
          "the folder \(root.path)/sys/log ends outside of the root, at '\(outside.path)'"
        )
    )
    #expect(try namesInFolder(outside.path) == ["jobs", "sys"])
  }

  @Test("BOSH 4.3, 4.4, 12: a log that is a link, a pipe, a device or a folder is refused")
  func refusesWhatIsNoFile() throws {
    let root = TemporaryRoot()
    root.makeFolder("sys/log/a")
    let path = root.at("sys/log/a/pre-start.stdout.log")
    symlink(root.at("other"), path)
    #expect(refusal(root) == .refused("\(path) is a link and no log; remove it"))
    #expect(root.read("other") == nil)
    unlink(path)
    mkfifo(path, 0o644)
    #expect(
      refusal(root) == .refused("\(path) is a named pipe and no log; remove it")
    )
    unlink(path)
    root.makeFolder("sys/log/a/pre-start.stdout.log")
    #expect(refusal(root) == .refused("\(path) is a folder and no log; remove it"))
    rmdir(path)
    root.write("other", "of somebody")
    Glibc.link(root.at("other"), path)
    #expect(
      refusal(root)
        == .refused("\(path) is a file with other names as well and no log; remove it")
    )
    #expect(root.read("other") == "of somebody")
    unlink(path)
    if geteuid() == 0, mknod(path, S_IFCHR | 0o666, 0x103) == 0 {
      #expect(refusal(root) == .refused("\(path) is a device and no log; remove it"))
    }
  }

  @Test("BOSH 4.3: with a folder in a log's place (EISDIR) a script has failed and has not run")
  func aFolderInALogsPlace() throws {
    let root = TemporaryRoot()
    root.script("a", "pre-start", "touch '\(root.path)/ran'")
    root.makeFolder("sys/log/a")
    root.makeFolder("sys/log/a/pre-start.stderr.log")
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl)
      .drive(run)
    let path = root.at("sys/log/a/pre-start.stderr.log")
    #expect(run.results[node] == .failed("\(path) is a folder and no log; remove it"))
    #expect(root.read("ran") == nil)
  }

  @Test func refusesAFileInPlaceOfTheFolder() {
    let root = TemporaryRoot()
    root.write("sys/log/a", "")
    #expect(refusal(root) == .refused("\(root.path)/sys/log/a is not in a folder"))
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
