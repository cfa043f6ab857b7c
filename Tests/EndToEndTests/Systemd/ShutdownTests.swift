import Glibc
import TestSupport
import Testing

/// What happens when a machine with systemd shuts down.
@Suite(
  "Under a living systemd: shutdown",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct ShutdownTests {
  /// A release job whose daemon only obeys SIGKILL and its stop program.
  private func stubbornJob(_ vm: TestVM, stop: String) throws {
    try vm.releaseJob(
      "web",
      [
        "pre-start": "true",
        "drain": "echo drain >>/var/order; echo 0",
        "post-stop": "echo post-stop >>/var/order",
        "ctl": """
        echo ctl $1 >>/var/order
        case $1 in
          start)
            mkdir -p /var/vcap/sys/run/web
            setsid sh -c 'trap "" TERM INT HUP; echo $$ >/var/vcap/sys/run/web/pid
              while :; do sleep 1; done' </dev/null >/dev/null 2>&1 &
            while [ ! -s /var/vcap/sys/run/web/pid ]; do sleep 0.02; done ;;
          stop) \(stop) ;;
        esac
        """,
      ],
      monit: """
        check process web
          with pidfile /var/vcap/sys/run/web/pid
          start program "/var/vcap/jobs/web/bin/ctl start" with timeout 20 seconds
          stop program "/var/vcap/jobs/web/bin/ctl stop" with timeout 20 seconds
          group vcap

        """
    )
  }

  private static let kill = "kill -9 $(cat /var/vcap/sys/run/web/pid)"
  private static let unit = "lockstep-bosh-start:shutdown.service"

  @Test(
    "BOSH 8: --on-shutdown drains and stops when the machine goes down"
  )
  func drains() throws {
    let machine = try LivingSystemd()
    try stubbornJob(try machine.vm(), stop: Self.kill)
    try machine.run(
      LivingSystemd.lockstepPath,
      "install-boot",
      "bosh-start",
      "--supervisor",
      "ctl",
      "--on-shutdown",
      "bosh-stop"
    ).expect(0).prints(
      "wrote /etc/systemd/system/lockstep-bosh-start.service",
      "wrote /etc/systemd/system/\(Self.unit)",
      "systemctl start lockstep-bosh-start:shutdown.service"
    )
    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["ctl start"])
    #expect(try machine.property("ActiveState", of: Self.unit) == "active")

    // systemd itself would wait for 90 seconds, which is longer than this.
    #expect(try machine.reboot() == "running")
    let wayDown = ["drain", "ctl stop", "post-stop"]
    #expect(machine.lines("/var/order") == ["ctl start"] + wayDown + ["ctl start"])

    // The unit is stopped by hand to try this.
    try machine.run("systemctl", "stop", Self.unit).expect(0)
    #expect(machine.lines("/var/order").suffix(3) == wayDown[...])
    try machine.run("systemctl", "start", Self.unit).expect(0)
    try machine.lockstep("run", "bosh-start", "--supervisor", "ctl").expect(0)

    try machine.lockstep("install-boot", "bosh-start", "--remove").expect(0)
      .prints("removed /etc/systemd/system/\(Self.unit)")
    try machine.shell("systemctl daemon-reload; \(Self.kill)")
    let before = machine.lines("/var/order")
    try machine.reboot()
    #expect(machine.lines("/var/order") == before)
  }

  @Test("A run during shutdown has a time limit, after which nothing delays the machine")
  func limit() throws {
    let machine = try LivingSystemd()
    let vm = try machine.vm()
    try stubbornJob(vm, stop: "true")
    // A drain that never ends, and a process that its stop program does not stop.
    try vm.script("web", "drain", "#!/bin/sh\necho drain >>/var/order\nsleep 1000\n")
    try machine.run(
      LivingSystemd.lockstepPath,
      "install-boot",
      "bosh-start",
      "--supervisor",
      "ctl",
      "--on-shutdown",
      "bosh-stop",
      "--shutdown-limit",
      "2s"
    ).expect(0)
    try machine.reboot()
    try machine.reboot()
    #expect(machine.lines("/var/order") == ["ctl start", "drain", "ctl start"])
    try machine.run(
      LivingSystemd.lockstepPath,
      "install-boot",
      "bosh-start",
      "--on-shutdown",
      "bosh-stop",
      "--shutdown-limit",
      "26m"
    ).expect(2).complains("takes a duration from 1s to 25m")
  }

  @Test(
    "During shutdown, a boot run ends first, and a unit is drained before systemd stops it"
  )
  func underWay() throws {
    let machine = try LivingSystemd(
      files: [
        "/opt/up.plan": """
        plan up {
          default { timeout 1h }
          phase a { start }
          phase b { script slow }
        }

        """
      ]
    )
    let vm = try machine.vm()
    try machine.unit(
      "web.service",
      "[Service]\nExecStart=/bin/sleep 1000\nExecStopPost=/bin/sh -c 'echo stopped >>/var/order'\n"
    )
    try machine.shell("mkfifo /var/there")
    try vm.releaseJob(
      "web",
      [
        "slow": "echo slow >/var/there; sleep 1000",
        "drain": "systemctl is-active web >>/var/order; echo 0",
        "post-stop": "echo post-stop >>/var/order",
      ]
    )
    try machine.sandbox.write("\(vm.name)/jobs/web/systemd", "web\n")
    try machine.run(
      LivingSystemd.lockstepPath,
      "install-boot",
      "/opt/up.plan",
      "--supervisor",
      "systemd",
      "--on-shutdown",
      "bosh-stop"
    ).expect(0)
    #expect(
      machine.text("/etc/systemd/system/lockstep-up:shutdown.service")?
        .contains("bosh-agent.service web.service\n") == true
    )
    try machine.shell("systemctl daemon-reload; systemctl start --no-block lockstep-up.service")
    try machine.shell("read line </var/there")
    try machine.wait(until: "ActiveState", of: "lockstep-up:shutdown.service", is: "active")
    // At the next boot the script is to end.
    try vm.script("web", "slow", "#!/bin/sh\nexit 0\n")
    #expect(try machine.reboot() == "running")
    #expect(machine.lines("/var/order") == ["active", "stopped", "post-stop"])
  }

  @Test("A boot unit that is stopped while it runs has not failed")
  func stopped() throws {
    let machine = try LivingSystemd()
    let vm = try machine.vm()
    try machine.shell("mkfifo /run/there")
    try vm.releaseJob("web", ["pre-start": "echo here >/run/there; sleep 1000"])
    try machine.lockstep("install-boot", "bosh-start").expect(0)
    try machine.shell(
      """
      systemctl daemon-reload
      systemctl start --no-block lockstep-bosh-start
      read line </run/there
      systemctl stop lockstep-bosh-start
      """
    )
    #expect(try machine.property("ActiveState", of: "lockstep-bosh-start") == "inactive")
    #expect(try machine.property("Result", of: "lockstep-bosh-start") == "success")
  }
}
