import Glibc
import TestSupport
import Testing

/// Starting units with a real systemd.
@Suite(
  "Under a living systemd: start",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct UnitStartTests {
  /// A plan that would wait far longer than any test, three times.
  static let up = """
    plan up {
      default { retry 2 timeout 1h }
      phase up { start { settle 300ms } }
    }

    """

  @Test("A unit that can never become active fails at once, with systemd's reason")
  func neverActive() throws {
    // Earlier steps might repair units, so none is refused beforehand.
    let before = "phase before per instance { run \"true\" }\n  phase up"
    let plan = Self.up.replacing("phase up", with: before)
    let machine = try LivingSystemd(files: ["/opt/up.plan": plan])
    let forever = "[Service]\nExecStart=/bin/sleep 1000\n"
    let unit = "[Unit]\n"
    let units: KeyValuePairs = [
      "once": "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo once >>/var/order'\n",
      "kept": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n",
      "wrong": "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'exit 3'\n",
      "zero": "[Service]\nExecStart=/bin/true\n",
      "unmet": "\(unit)ConditionPathExists=/nowhere\n\(forever)",
      "unmet-once":
        "\(unit)ConditionPathExists=/nowhere\n[Service]\nType=oneshot\nExecStart=/bin/true\n",
      "asserted": "\(unit)AssertPathExists=/nowhere\n\(forever)",
      "needy": "\(unit)Requires=wrong.service\nAfter=wrong.service\n\(forever)",
      "unsure": "[Service]\nExecCondition=/bin/false\nExecStart=/bin/sleep 1000\n",
      "empty": "[Service]\nType=simple\n",
    ]
    let vm = try machine.vm()
    for (name, text) in units {
      try machine.unit("\(name).service", text)
      try machine.sandbox.write("\(vm.name)/jobs/\(name)/systemd", "\(name)\n")
    }
    try machine.unit("masked.service", forever)
    try machine.sandbox.write("\(vm.name)/jobs/masked/systemd", "masked\n")
    try machine.shell(
      "systemctl daemon-reload; rm /etc/systemd/system/masked.service; systemctl mask --quiet masked"
    )
    try machine.lockstep("run", "/opt/up.plan", "--supervisor", "systemd").expect(1).prints(
      "3 succeeded, 9 failed",
      "'wrong.service' has failed (exit-code: exit status 3)",
      "'zero.service' has ended by itself (exit status 0, Result=success) and is not active",
      "'unmet.service' was not started: one of its conditions is not met (ConditionResult=no)",
      "'unmet-once.service' was not started: one of its conditions is not met (ConditionResult=no)",
      "'asserted.service' was not started: one of its assertions is not met (AssertResult=no)",
      "A dependency job for needy.service failed",
      "'unsure.service' was skipped: its ExecCondition does not hold (exec-condition)",
      "'empty.service' cannot be loaded (Unit empty.service has a bad unit file setting.)",
      "'masked.service' is masked"
    )
    #expect(machine.lines("/var/order") == ["once"])
  }

  @Test("A failing first start is treated alike for every type")
  func firstStart() throws {
    let machine = try LivingSystemd(files: ["/opt/up.plan": Self.up])
    let vm = try machine.vm()
    let starts: KeyValuePairs = [
      "simple": "exec sleep 1000", "exec": "exec sleep 1000",
      "notify": "systemd-notify --ready; exec sleep 1000", "forking": "sleep 1000 &",
      "oneshot": "true",
    ]
    for (type, start) in starts {
      for (name, restart) in [("again", "on-failure"), ("never", "no")] {
        let unit = "\(type)-\(name)"
        try machine.unit(
          "\(unit).service",
          """
          [Service]
          Type=\(type)
          NotifyAccess=all
          Restart=\(restart)
          ExecStart=/bin/sh -c '[ -e /run/\(unit) ] || { touch /run/\(unit); exit 1; }; \(start)'

          """
        )
        try machine.sandbox.write("\(vm.name)/jobs/\(unit)/systemd", "\(unit)\n")
      }
    }
    try machine.shell("systemctl daemon-reload")
    try machine.write(
      "/opt/once.plan",
      "plan p { phase up { start { timeout 1h settle 300ms } } }\n"
    )
    let finished = try machine.lockstep("run", "/opt/once.plan", "--supervisor", "systemd")
    finished.expect(1).prints("5 succeeded, 5 failed")
    for (type, _) in starts {
      finished.prints("'\(type)-never.service' has failed (exit-code")
    }
  }

  @Test("A reload while a unit settles is not a restart")
  func reload() throws {
    let machine = try LivingSystemd(
      files: ["/opt/up.plan": "plan up { phase up { start { timeout 1h settle 3s } } }\n"]
    )
    let vm = try machine.vm()
    try machine.unit(
      "web.service",
      "[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/sh -c 'read line </run/go'\n"
    )
    try machine.sandbox.write("\(vm.name)/jobs/web/systemd", "web\n")
    try machine.shell("systemctl daemon-reload; mkfifo /run/go")
    let run = try machine.start(
      [LivingSystemd.lockstepPath, "run", "/opt/up.plan", "--supervisor", "systemd"]
    )
    try machine.wait(until: "ActiveState", of: "web", is: "active")
    try machine.shell("systemctl reload --no-block web")
    try machine.wait(until: "ActiveState", of: "web", is: "reloading")
    let finished = try run.finish().expect(0)
    #expect(!finished.out.contains("restarted"), finished.shown)
    #expect(try machine.property("ActiveState", of: "web") == "reloading")
  }

  @Test(
    "If systemd re-executes itself during a start, it is asked again and runs it once"
  )
  func reexec() throws {
    let machine = try LivingSystemd(files: ["/opt/up.plan": Self.up])
    let vm = try machine.vm()
    try machine.unit(
      "once.service",
      "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo once >>/var/order; read line </run/go'\n"
    )
    try machine.sandbox.write("\(vm.name)/jobs/once/systemd", "once\n")
    try machine.shell("systemctl daemon-reload; mkfifo /run/go")
    let run = try machine.start(
      [LivingSystemd.lockstepPath, "run", "/opt/up.plan", "--supervisor", "systemd"]
    )
    try machine.wait(until: "ActiveState", of: "once", is: "activating")
    // About half of the time, systemctl says that systemd could not be reached.
    for _ in 1...3 {
      _ = try machine.run("systemctl", "daemon-reexec")
      try machine.waitForSystemd()
    }
    try machine.shell("echo go >/run/go")
    try run.finish().expect(0)
    #expect(machine.lines("/var/order") == ["once"])
  }

  @Test("A unit whose file has changed since systemd read it is reported")
  func changedFile() throws {
    let machine = try LivingSystemd(files: ["/opt/up.plan": Self.up])
    let vm = try machine.vm()
    try machine.unit("web.service", "[Service]\nExecStart=/bin/sleep 1000\n")
    try machine.sandbox.write("\(vm.name)/jobs/web/systemd", "web\n")
    // A unit that nothing refers to is always read again.
    try machine.shell("systemctl daemon-reload; systemctl start web")
    try machine.unit("web.service", "[Service]\nExecStart=/bin/sleep 2000 # another\n")
    try machine.lockstep("run", "/opt/up.plan", "--supervisor", "systemd", "--quiet").expect(0)
      .prints("systemd has not read the newest file of 'web.service'", "'systemctl daemon-reload'")
    try machine.shell("systemctl daemon-reload")
    let finished = try machine.lockstep("run", "/opt/up.plan", "--supervisor", "systemd").expect(0)
    #expect(!finished.out.contains("newest file"), finished.shown)
  }
}
