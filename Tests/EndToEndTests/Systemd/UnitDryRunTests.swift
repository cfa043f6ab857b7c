import Glibc
import TestSupport
import Testing

/// What `dry-run` and `run` say about the units of release jobs before anything starts.
@Suite(
  "Under a living systemd: dry-run",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct UnitDryRunTests {
  private static let up = """
    plan up {
      default { timeout 1m }
      phase up { start { settle 300ms } }
    }

    """
  private static let forever = "[Service]\nExecStart=/bin/sleep 1000\n"

  /// A machine with `web.service` and a plan that starts all units that release jobs list.
  private func machine(
    _ jobs: KeyValuePairs<String, String>,
    plan: String = up
  ) throws -> (LivingSystemd, TestVM) {
    let machine = try LivingSystemd(files: ["/opt/up.plan": plan])
    try machine.unit("web.service", Self.forever)
    try machine.unit("many@.service", Self.forever)
    try machine.shell("systemctl daemon-reload && systemctl mask --quiet shut.service")
    let vm = try machine.vm()
    for (job, units) in jobs {
      try machine.sandbox.write("\(vm.name)/jobs/\(job)/systemd", units + "\n")
    }
    return (machine, vm)
  }

  /// Both commands find the same, and nothing starts.
  private func expectBoth(
    _ machine: LivingSystemd,
    _ supervisor: String,
    complain texts: [String],
    not others: [String] = [],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    for (command, status) in [("dry-run", 2), ("run", 3)] {
      let refused = try machine.lockstep(command, "/opt/up.plan", "--supervisor", supervisor)
      refused.expect(Int32(status), location)
      for text in texts { refused.complains(text, at: location) }
      for text in others {
        #expect(!refused.err.contains(text), refused.shown, sourceLocation: location)
      }
    }
    #expect(
      try machine.property("ActiveState", of: "web") == "inactive",
      sourceLocation: location
    )
  }

  @Test(
    "Unknown and masked units are found by dry-run and run alike",
    arguments: ["systemd", "auto"]
  )
  func unknown(supervisor: String) throws {
    let (machine, _) = try machine(["web": "web many@1", "app": "wbe", "old": "shut"])
    try expectBoth(
      machine,
      supervisor,
      complain: [
        "/etc/systemd/system/wbe.service does not exist", "did you mean web.service?",
        "/etc/systemd/system/shut.service is masked: systemd never starts this unit",
      ],
      not: ["many@1.service", "web.service is not"]
    )
    try machine.lockstep("dry-run", "/opt/up.plan", "--supervisor", supervisor).prints(
      "systemctl start of",
      "wbe.service (not installed now)",
      "shut.service (masked now)",
      "active and stay so for 300ms"
    )
  }

  @Test("A template without an instance is found", arguments: ["systemd", "auto"])
  func template(supervisor: String) throws {
    let (machine, _) = try machine(["web": "web", "app": "many@.service"])
    try expectBoth(
      machine,
      supervisor,
      complain: ["'many@.service' is a template without an instance"]
    )
  }

  @Test("Another supervisor is checked as in a run")
  func other() throws {
    let (machine, _) = try machine(["web": "web"])
    try expectBoth(
      machine,
      "ctl",
      complain: ["has systemd units and no monit file; use --supervisor systemd"]
    )
    try machine.lockstep("dry-run", "/opt/up.plan").expect(0)
      .prints("systemctl start of web.service, until it is active and stays so for 300ms")
    try machine.lockstep("run", "/opt/up.plan").expect(0)
    #expect(try machine.property("ActiveState", of: "web") == "active")
  }

  @Test("A unit that an earlier script may install is reported, but does not refuse the run")
  func installed() throws {
    let plan = """
      plan up {
        default { timeout 1m }
        phase pre-start { script pre-start }
        phase up { start }
        phase down { stop }
      }

      """
    let (machine, vm) = try machine(["web": "web late"], plan: plan)
    try vm.releaseJob(
      "web",
      [
        "pre-start":
          "cp /etc/systemd/system/web.service /etc/systemd/system/late.service; "
          + "systemctl daemon-reload"
      ]
    )
    try machine.lockstep("dry-run", "/opt/up.plan").expect(0).prints(
      "systemctl start of web.service and late.service (not installed now)",
      "systemctl stop of web.service and late.service (not installed now)"
    )
    try machine.lockstep("run", "/opt/up.plan").expect(0)
  }

  @Test("Without root and without a folder, the message says what to do")
  func notRoot() throws {
    let machine = try LivingSystemd(
      files: [
        "/opt/one.plan": "plan one { phase a per instance { run \"true\" { timeout 1m } } }\n"
      ]
    )
    for command in ["dry-run", "run"] {
      try machine.start(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", LivingSystemd.lockstepPath]
          + [command, "/opt/one.plan"]
      ).finish().expect(command == "run" ? 3 : 2).complains(
        "run as root, or give a folder of your own with --vm DIR"
      )
    }
  }
}
