import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// `monit/stopped`, by which BOSH's agent tells a stopped machine from a failing one.
@Suite(.serialized) struct StoppedMarkerTests {
  private func run(
    _ action: StepAction,
    on releaseJob: String?,
    _ root: TemporaryRoot
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: ["a", "b"])
    let node = plan.add(action, on: releaseJob)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl)
      .drive(run)
    return run.results[node]
  }

  private func root() -> TemporaryRoot {
    let root = TemporaryRoot()
    for name in ["a", "b"] {
      root.write("jobs/\(name)/monit", "check process \(name) with pidfile sys/run/x group vcap\n")
    }
    return root
  }

  @Test("BOSH 6.9, 5.1: stopping all writes monit/stopped, starting removes it")
  func comesAndGoes() throws {
    let root = root()
    #expect(try run(.stop, on: "a", root) == .exited(0))
    #expect(root.read("monit/stopped") == nil)
    #expect(try run(.unmonitor, on: nil, root) == .exited(0))
    #expect(root.read("monit/stopped") == nil)
    #expect(try run(.stop, on: nil, root) == .exited(0))
    #expect(root.read("monit/stopped") == "")
    let status = try #require(fileStatus(root.at("monit/stopped"), follow: false))
    #expect(status.isRegular && status.mode & 0o7777 == 0o644)
    #expect(fileStatus(root.at("monit"), follow: false).map { $0.mode & 0o777 } == 0o755)
    // Twice is the same.
    #expect(try run(.stop, on: nil, root) == .exited(0))
    // There is no start program, so it fails; the machine is not stopped any more all the same.
    guard case .failed? = try run(.start, on: "b", root) else {
      Issue.record("it started")
      return
    }
    #expect(root.read("monit/stopped") == nil)
  }

  @Test func aLinkIsNotFollowed() throws {
    let root = root()
    root.write("precious", "text")
    root.makeFolder("monit")
    symlink(root.at("precious"), root.at("monit/stopped"))
    guard case .failed(let words)? = try run(.stop, on: nil, root) else {
      Issue.record("it was written")
      return
    }
    #expect(words.hasPrefix("everything is stopped, but open \(root.path)/monit/stopped: "))
    #expect(root.read("precious") == "text")
  }

  @Test func aFolderOutsideIsNotWrittenTo() throws {
    let root = root()
    let other = TemporaryRoot()
    symlink(other.path, root.at("monit"))
    guard case .failed(let words)? = try run(.stop, on: nil, root) else {
      Issue.record("it was written")
      return
    }
    let outside =
      "\(root.at("monit")) ends outside of the root, at '\(other.path)'; mend the link"
    #expect(words == "everything is stopped, but \(outside)")
    #expect(other.read("stopped") == nil)
    // Nor is anything removed there.
    other.write("stopped", "precious")
    #expect(try run(.start, on: "b", root) == .failed(outside))
    #expect(other.read("stopped") == "precious")
  }
}
