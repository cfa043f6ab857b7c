import Glibc
import TestSupport
import Testing

/// What holds across a real reboot of a machine with systemd.
@Suite(
  "Under a living systemd: a reboot",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct RebootTests {
  @Test("The boot unit runs its plan once per boot")
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

  @Test(
    "A unit that is ordered after the boot unit is found, reported, and still started at once"
  )
  func deadlock() throws {
    let forever = "[Service]\nExecStart=/bin/sleep 1000\n"
    let machine = try LivingSystemd(
      files: [
        "/opt/up.plan":
          "plan up { phase up { start { timeout 1h } } phase then { script then } }\n",
        "/etc/systemd/system/late.service": "[Unit]\nAfter=multi-user.target\n\(forever)",
        "/etc/systemd/system/behind.service": "[Unit]\nAfter=lockstep-up.service\n\(forever)",
        "/etc/systemd/system/needy.service":
          "[Unit]\nRequires=late.service\nAfter=late.service\n\(forever)",
        "/etc/systemd/system/free.service": "[Unit]\nAfter=behind.service\n\(forever)",
      ]
    )
    let vm = try machine.vm()
    try vm.releaseJob("web", ["then": "systemctl is-active late behind needy free >/var/order"])
    try machine.sandbox.write("\(vm.name)/jobs/web/systemd", "late needy behind free\n")
    let installed = try machine.lockstep("install-boot", "/opt/up.plan").expect(0)
    installed.complains(
      "'late.service' is ordered after 'multi-user.target', which waits for the unit that runs the "
        + "plan",
      "'needy.service' is ordered after 'late.service', that after 'multi-user.target', which waits",
      "'behind.service' is ordered after the unit that runs the plan",
      "'free.service' is ordered after 'behind.service', which waits for the unit"
    )
    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == Array(repeating: "active", count: 4))
    let said = try machine.shell("journalctl -b -o cat -u lockstep-up")
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(said.contains("'late.service' waits in systemd's queue for 'multi-user.target', then"))
    #expect(said.contains("'behind.service' waits in systemd's queue for 'lockstep-up.service'"))
    #expect(!said.contains("'needy.service' waits"), "\(said)")
  }

  @Test("Units that the plan names are checked in the same way")
  func deadlockOfNamedUnits() throws {
    let forever = "[Service]\nExecStart=/bin/sleep 1000\n"
    let machine = try LivingSystemd(
      files: [
        "/opt/up.plan": """
        plan up {
          default { timeout 1h }
          phase first per instance { start unit "free.service" }
          phase then per instance {
            start unit "late.service"
            start unit "behind.service"
          }
        }

        """,
        "/etc/systemd/system/free.service": forever,
        "/etc/systemd/system/late.service": "[Unit]\nAfter=multi-user.target\n\(forever)",
        "/etc/systemd/system/behind.service": "[Unit]\nAfter=lockstep-up.service\n\(forever)",
      ]
    )
    let installed = try machine.lockstep("install-boot", "/opt/up.plan").expect(0)
    installed.complains(
      "'late.service' is ordered after 'multi-user.target', which waits for the unit that runs the "
        + "plan",
      "'behind.service' is ordered after the unit that runs the plan"
    )
    #expect(!installed.err.contains("'free.service'"), installed.shown)
    #expect(try machine.reboot() == "running")
    for unit in ["free", "late", "behind"] {
      #expect(try machine.property("ActiveState", of: unit) == "active")
    }
  }

  @Test("A reboot that keeps the kernel's boot_id, as in a container, is a reboot")
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
