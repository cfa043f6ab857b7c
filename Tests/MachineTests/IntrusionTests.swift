import CLinux
import Execution
import Glibc
import PlanGraph
import Testing

@testable import Machine

/// What root does not run, because somebody else could have put it there.
@Suite(.enabled(if: geteuid() == 0, "needs root"), .serialized) struct IntrusionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var spoil: @Sendable (TemporaryRoot) -> Void
    /// Where, relative to the root, and what; nil where nothing is wrong.
    var fault: (path: String, what: String)?

    init(
      _ name: String,
      _ path: String? = nil,
      _ what: String = "",
      _ spoil: @escaping @Sendable (TemporaryRoot) -> Void
    ) {
      testDescription = name
      self.spoil = spoil
      fault = path.map { ($0, what + ", and root would run it") }
    }
  }

  private static let everybody = "can be written by everybody"
  private static let foreign = "belongs to user 1234"

  /// A VM as the agent leaves it: `jobs/a` an absolute link, everything `root:vcap` and 0750.
  private static func vm() -> TemporaryRoot {
    let root = TemporaryRoot()
    root.write("data/jobs/a/1/bin/pre-start", "#!/bin/sh\necho ran\n", mode: 0o750)
    for folder in ["data", "data/jobs", "data/jobs/a", "data/jobs/a/1", "data/jobs/a/1/bin"] {
      chmod(root.at(folder), 0o750)
      chown(root.at(folder), 0, 1000)
    }
    chown(root.at("data/jobs/a/1/bin/pre-start"), 0, 1000)
    symlink(root.at("data/jobs/a/1"), root.at("jobs/a"))
    return root
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

  @Test("BOSH 12, ownership: root runs nothing that others could exchange", arguments: cases)
  func refuses(_ example: Case) throws {
    let root = Self.vm()
    example.spoil(root)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let roots = [plan.instance: try root.open()]
    let problems = Preflight.problems(graph: plan.graph, roots: roots)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: roots, supervisor: .ctl).drive(run)
    guard let fault = example.fault else {
      #expect(problems == [])
      #expect(run.results[node] == .exited(0))
      return
    }
    let problem = Problem(
      path: root.path + fault.path,
      what: fault.what,
      help: "if it is as it should be: chown root and chmod go-w it; or run as its owner"
    )
    #expect(problems == [problem])
    #expect(run.results[node] == .failed(problem.description))
    #expect(root.read("sys/log/a/pre-start.stdout.log") == "")
  }

  @Test func aLinkOutOfTheRootAndBackIsFollowedWithTheSameEyes() throws {
    let outside = TemporaryRoot()
    let root = Self.vm()
    symlink(root.at("data/jobs/a/1"), outside.at("back"))
    unlink(root.at("jobs/a"))
    symlink(outside.at("back"), root.at("jobs/a"))
    #expect(try root.open().intrusion(at: "jobs/a/bin/pre-start") == nil)
    chmod(outside.path, 0o777)
    #expect(try root.open().intrusion(at: "jobs/a/bin/pre-start")?.path == outside.path)
  }

  @Test func aSpecOfSomebodyIsNotBelieved() throws {
    let root = Self.vm()
    root.write(
      "bosh/spec.json",
      "{\"job\":{\"templates\":[{\"name\":\"a\"}]},\"rendered_templates_archive\":{}}"
    )
    chown(root.at("bosh/spec.json"), 1234, 0)
    var plan = TestGraph(releaseJobs: ["a"])
    _ = plan.add(.script("pre-start"), on: "a")
    let problems = Preflight.problems(graph: plan.graph, roots: [plan.instance: try root.open()])
    #expect(problems.map(\.path) == [root.at("bosh/spec.json")])
  }
}
