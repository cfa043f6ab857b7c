import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
import Testing
@testable import VM

/// Units that a plan names, and machines with nothing else.
@Suite(.serialized) struct UnitTests {
  @Test("Any folder without jobs and bosh is a plain machine")
  func plainFolder() throws {
    let vm = TemporaryVM()
    rmdir(vm.at("jobs"))
    let plain = try VMFolder(vm.path)
    #expect(plain.isPlain)
    #expect(plain.site.isPlain)
    #expect(plain.releaseJobs.isEmpty)
    #expect(plain.logsPath == "sys/log")
    vm.makeFolder("bosh")
    #expect(throws: VMRefusal.self) { try VMFolder(vm.path) }
    vm.makeFolder("jobs")
    #expect(try !VMFolder(vm.path).isPlain)
  }

  @Test("The machine itself has its logs and records in the usual places")
  func machine() throws {
    let machine = try VMFolder("/")
    #expect(machine.isPlain)
    #expect(machine.absolute(machine.logsPath) == "/var/log")
    #expect(machine.absolute(machine.dataPath) == "/var/lib")
  }

  @Test("BOSH's own folder is never a plain machine")
  func brokenVM() throws {
    let vm = TemporaryVM()
    vm.makeFolder("var/vcap/data")
    #expect(throws: VMRefusal.self) { try VMFolder(vm.at("var/vcap")) }
  }

  @Test("The first folder of units counts; masked, empty and template units are recognised")
  func unitFiles() {
    let vm = TemporaryVM()
    let files = UnitFiles([vm.at("etc"), vm.at("lib")])
    vm.write("lib/web.service", "[Service]\n")
    vm.write("lib/app.service", "[Service]\n")
    vm.write("lib/worker@.service", "[Service]\n")
    vm.write("etc/empty.service", "")
    vm.makeFolder("etc")
    symlink("/dev/null", vm.at("etc/web.service"))
    symlink("nowhere", vm.at("etc/app.service"))
    symlink("../lib/app.service", vm.at("etc/alias.service"))
    symlink("/dev/null", vm.at("etc/worker@2.service"))
    #expect(files.find("web.service") == .masked(vm.at("etc/web.service")))
    #expect(files.find("empty.service") == .masked(vm.at("etc/empty.service")))
    #expect(files.find("app.service") == .known)
    #expect(files.find("alias.service") == .known)
    #expect(files.find("worker@1.service") == .known)
    #expect(files.find("worker@2.service") == .masked(vm.at("etc/worker@2.service")))
    #expect(files.find("other@1.service") == .unknown)
    #expect(files.find("srv-data.mount") == .known)
    #expect(files.near("ap.service") == "app.service")
    #expect(files.problem("web.service", isStart: false) == nil)
    #expect(files.problem("web.service", isStart: true)?.help?.contains("unmask") == true)
    #expect(files.problem("nothing.socket", isStart: false)?.what.contains("no unit") == true)
  }

  /// A root with a `systemctl` that says yes to everything.
  private func vm() -> TemporaryVM {
    let vm = TemporaryVM()
    vm.write(
      "systemctl",
      """
      #!/bin/sh
      shift
      echo "$@" >>'\(vm.at("calls"))'
      verb=$1; shift
      [ $verb = show ] || { echo $verb >'\(vm.at("verb"))'; exit 0; }
      state=active
      [ "$(cat '\(vm.at("verb"))')" = start ] || state=inactive
      for unit; do
        case $unit in --*) continue ;; esac
        printf 'Id=%s\\nLoadState=loaded\\nActiveState=%s\\nMainPID=7\\nNRestarts=0\\n\\n' $unit $state
      done
      """,
      mode: 0o755
    )
    return vm
  }

  @Test(
    "Named units belong to systemd, whatever supervisor release jobs have, and leave no mark on the VM"
  )
  func namedUnits() throws {
    let vm = vm()
    vm.write("jobs/a/systemd", "a.service\n")
    vm.write("monit/stopped", "")
    var plan = TestGraph(releaseJobs: ["a"])
    let stop = plan.add(.stopUnits(["web.service", "app.timer"]))
    let start = plan.add(.startUnits(["web.service"]))
    for node in [start, stop] {
      let run = FlatRun([node])
      try LiveMachine(
        graph: plan.graph,
        vms: [plan.instance: vm.open()],
        supervisor: .systemd(vm.at("systemctl"))
      ).drive(run)
      #expect(run.results[node] == .exited(0))
    }
    let calls = vm.lines("calls").filter { !$0.hasPrefix("show") }
    #expect(calls == ["start -- web.service", "stop -- web.service app.timer"])
    #expect(vm.read("monit/stopped") == "")
  }
}
