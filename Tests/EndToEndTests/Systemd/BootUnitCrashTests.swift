import Glibc
import TestSupport
import Testing

/// A boot unit whose `lockstep` was killed and which is started again.
@Suite(
  "Under a living systemd: a boot unit that was killed",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct BootUnitCrashTests {
  @Test("The unit continues its run, and starts nothing that still runs")
  func unitContinuesItsRun() throws {
    let machine = try LivingSystemd()
    let vm = try machine.vm()
    let arrived = try machine.sandbox.fifo("root/var/arrived")
    let go = try machine.sandbox.fifo("root/var/go")
    try vm.releaseJob(
      "web",
      [
        "pre-start": """
        echo begin >>/var/order
        echo here >/var/arrived
        read line </var/go
        echo end >>/var/order
        """
      ]
    )
    try machine.lockstep("install-boot", "bosh-start").expect(0)
    let unit = "lockstep-bosh-start.service"
    try machine.shell("systemctl daemon-reload; systemctl --no-block start \(unit)")
    #expect(try arrived.line() == "here")
    let coordinator = try machine.property("MainPID", of: unit)
    try machine.run("/bin/kill", "-KILL", coordinator).expect(0)
    try machine.wait(until: "ActiveState", of: unit, is: "failed")
    #expect(machine.lines("/var/order") == ["begin"])
    try machine.lockstep("run", "bosh-start").expect(3)
      .complains("pre-start:vm/0/web#script-pre-start still runs")

    try machine.shell("systemctl --no-block start \(unit)")
    try machine.wait(until: "ActiveState", of: unit, is: "activating")
    try go.release()
    #expect(try arrived.line() == "here")
    #expect(machine.lines("/var/order") == ["begin", "end", "begin"])
    try go.release()
    try machine.wait(until: "ActiveState", of: unit, is: "active")
    #expect(machine.lines("/var/order") == ["begin", "end", "begin", "end"])
    #expect(vm.runs.count == 1)
  }
}
