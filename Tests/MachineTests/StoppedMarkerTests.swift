import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// `monit/stopped`, which tells BOSH's agent that a machine is stopped, not failing.
@Suite(.serialized) struct StoppedMarkerTests {
  private func run(
    _ action: StepAction,
    on releaseJob: String?,
    _ vm: TemporaryVM
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: ["a", "b"])
    let node = plan.add(action, on: releaseJob)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    return run.results[node]
  }

  private func vm() -> TemporaryVM {
    let vm = TemporaryVM()
    for name in ["a", "b"] {
      vm.write("jobs/\(name)/monit", "check process \(name) with pidfile sys/run/x group vcap\n")
    }
    return vm
  }

  @Test("BOSH 6.9, 5.1: stopping all writes monit/stopped, starting removes it")
  func comesAndGoes() throws {
    let vm = vm()
    #expect(try run(.stop, on: "a", vm) == .exited(0))
    #expect(vm.read("monit/stopped") == nil)
    #expect(try run(.unmonitor, on: nil, vm) == .exited(0))
    #expect(vm.read("monit/stopped") == nil)
    #expect(try run(.stop, on: nil, vm) == .exited(0))
    #expect(vm.read("monit/stopped") == "")
    let status = try #require(FileStatus(vm.at("monit/stopped"), follow: false))
    #expect(status.isRegular && status.mode & 0o7777 == 0o644)
    #expect(FileStatus(vm.at("monit"), follow: false).map { $0.mode & 0o777 } == 0o755)
    // Twice is the same.
    #expect(try run(.stop, on: nil, vm) == .exited(0))
    // There is no start program, so it fails; still, the machine is no longer stopped.
    guard case .failed? = try run(.start, on: "b", vm) else {
      Issue.record("it started")
      return
    }
    #expect(vm.read("monit/stopped") == nil)
  }

  @Test func aLinkIsNotFollowed() throws {
    let vm = vm()
    vm.write("precious", "text")
    vm.makeFolder("monit")
    symlink(vm.at("precious"), vm.at("monit/stopped"))
    guard case .failed(let words)? = try run(.stop, on: nil, vm) else {
      Issue.record("it was written")
      return
    }
    #expect(words.hasPrefix("everything is stopped, but open \(vm.path)/monit/stopped: "))
    #expect(vm.read("precious") == "text")
  }

  @Test func aFolderOutsideIsNotWrittenTo() throws {
    let vm = vm()
    let other = TemporaryVM()
    symlink(other.path, vm.at("monit"))
    guard case .failed(let words)? = try run(.stop, on: nil, vm) else {
      Issue.record("it was written")
      return
    }
    let outside =
      "\(vm.at("monit")) leads outside the VM's folder, to '\(other.path)'; fix the link"
    #expect(words == "everything is stopped, but \(outside)")
    #expect(other.read("stopped") == nil)
    // Nor is anything removed there.
    other.write("stopped", "precious")
    #expect(try run(.start, on: "b", vm) == .failed(outside))
    #expect(other.read("stopped") == "precious")
  }
}
