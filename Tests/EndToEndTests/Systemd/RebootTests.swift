import Glibc
import Testing

/// What holds over a real reboot of a machine that systemd has booted.
@Suite(
  "Under a living systemd: a reboot",
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct RebootTests {
  @Test("The boot unit runs its plan with each boot, once")
  func bootUnit() throws {
    let machine = try LivingSystemd()
    let vm = try machine.vm()
    try vm.releaseJob("web", ["pre-start": "echo ran >>/var/order", "post-start": "true"])
    try machine.lockstep("install-boot", "bosh-start").expect(0)
      .prints("wrote /etc/systemd/system/lockstep-bosh-start.service")
    #expect(machine.lines("/var/order") == [])

    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["ran"])
    #expect(try machine.property("ActiveState", of: "lockstep-bosh-start") == "active")
    try machine.lockstep("run", "bosh-start", "--once-per-boot").expect(0)
      .prints("bosh-start has succeeded since this boot", "nothing to do")
    #expect(machine.lines("/var/order") == ["ran"])

    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["ran", "ran"])
    #expect(vm.runs.count == 2)
  }

  @Test("A reboot that keeps the kernel's boot_id, as a container's does, is a reboot")
  func keptBootID() throws {
    let machine = try LivingSystemd(keepsBootID: true)
    let vm = try machine.vm()
    try vm.releaseJob("web", ["pre-start": "echo ran >>/var/order"])
    try machine.lockstep("install-boot", "bosh-start").expect(0)
    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["ran"])
    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["ran", "ran"])
    try machine.lockstep("run", "bosh-start", "--once-per-boot").expect(0).prints("nothing to do")
  }
}
