import Glibc
import TestSupport
import Testing

/// A machine without BOSH: no VM folder, no release jobs, only systemd units.
@Suite(
  "Under a living systemd: a plain machine",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct PlainMachineTests {
  private static let web = """
    [Service]
    ExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 8080
    WorkingDirectory=/srv

    """
  private static let sleeping = "[Service]\nExecStart=/usr/bin/sleep infinity\n"
  private static let plan = """
    # Migrates the shop while nothing uses its data.
    plan shop {
      default { timeout 1m }

      phase migrate per instance {
        stop unit web.service, app.service
        run "ls /srv/ready && echo migrated >> /srv/data" as migrate
        start unit app.service, web.service { settle 1s }
        wait tcp "127.0.0.1:8080" { every 100ms }
      }
    }

    """

  /// A machine with two running services and the plan.
  private func machine() throws -> LivingSystemd {
    let machine = try LivingSystemd()
    try machine.unit("web.service", Self.web)
    try machine.unit("app.service", Self.sleeping)
    try machine.unit("worker@.service", Self.sleeping)
    try machine.write("/root/shop.plan", Self.plan)
    try machine.shell("systemctl daemon-reload && systemctl start web app")
    return machine
  }

  /// The states of units, as systemd reports them.
  private func states(_ units: String..., of machine: LivingSystemd) throws -> [String] {
    try units.map { try machine.property("ActiveState", of: $0) }
  }

  /// Fails the test if a text mentions what such a machine does not have.
  private func expectNoWordOfBOSH(
    _ finished: FinishedCommand,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let text = (finished.out + finished.err).lowercased()
    for word in ["bosh", "vcap", "monit", "release job", "jobs/", "vm folder"] {
      #expect(!text.contains(word), "'\(word)' in \(finished.shown)", sourceLocation: location)
    }
  }

  @Test("A plan of units is previewed, run, and resumed after a failure")
  func wholeStory() throws {
    let machine = try machine()
    let seen = try machine.lockstep("dry-run", "/root/shop.plan").expect(0)
    seen.prints(
      "machine this one; logs in /var/log/lockstep, records in /var/lib/lockstep",
      "systemctl stop of web.service and app.service, until they are inactive",
      "systemctl start of app.service and web.service, until they are active and stay so for 1s",
      "/var/log/lockstep/migrate.{stdout,stderr}.log"
    )
    expectNoWordOfBOSH(seen)
    #expect(access("\(machine.root)/var/lib/lockstep", F_OK) != 0)

    let failed = try machine.lockstep("run", "/root/shop.plan").expect(1)
    failed.prints(
      "ok migrate#stop-web-app",
      "1 of 1 migrate command failed",
      "full log: /var/log/lockstep/migrate.stderr.log",
      "to resume what has not succeeded: lockstep resume"
    )
    expectNoWordOfBOSH(failed)
    #expect(try states("web", "app", of: machine) == ["inactive", "inactive"])

    let explained = try machine.lockstep("resume", "--explain").expect(0)
    // What was started by hand since then must not run during the migration.
    explained.prints(
      "run migrate:vm/0#stop-web-app succeeded; what runs now relies on it, so it is checked again",
      "ask migrate:vm/0#migrate"
    )
    expectNoWordOfBOSH(explained)
    try machine.write("/srv/ready", "")
    let resumed = try machine.lockstep("resume", "--assume", "migrate=again").expect(0)
    resumed.prints("ok migrate#start-app-web", "shop succeeded")
    expectNoWordOfBOSH(resumed)
    #expect(machine.lines("/srv/data") == ["migrated"])
    #expect(try states("web", "app", of: machine) == ["active", "active"])
    #expect(FileTree.names("\(machine.root)/var/lib/lockstep/runs").count == 1)
    expectNoWordOfBOSH(try machine.lockstep("facts").expect(0))
  }

  @Test("Unknown, misspelt and masked units are found before anything is started")
  func preflight() throws {
    let machine = try machine()
    try machine.shell("systemctl mask --quiet app.timer")
    try machine.write(
      "/root/wrong.plan",
      """
      plan wrong {
        default { timeout 1m }
        phase all per instance {
          stop unit web.service
          run "touch /srv/ran"
          start unit wbe.service
          start unit app.timer, "worker@1", "other@1.service"
          start unit later.service { when exists "/etc/systemd/system/later.service" }
          start unit web.service
        }
      }

      """
    )
    for command in ["dry-run", "run"] {
      let refused = try machine.lockstep(command, "/root/wrong.plan")
      refused.expect(command == "run" ? 3 : 2).complains(
        "/etc/systemd/system/wbe.service does not exist",
        "systemd has no unit 'wbe.service' help: did you mean web.service?",
        "/etc/systemd/system/app.timer is masked: systemd never starts this unit",
        "help: systemctl unmask app.timer",
        "/etc/systemd/system/other@1.service does not exist"
      )
      #expect(!refused.err.contains("worker@1.service is"), refused.shown)
      #expect(!refused.err.contains("later"), refused.shown)
      expectNoWordOfBOSH(refused)
    }
    #expect(try states("web", of: machine) == ["active"])
    #expect(access("\(machine.root)/srv/ran", F_OK) != 0)
  }

  @Test("Units work in handlers, groups and rollouts, with params, templates and timers")
  func places() throws {
    let machine = try machine()
    try machine.unit("app.timer", "[Timer]\nOnCalendar=hourly\n")
    try machine.shell("systemctl daemon-reload")
    try machine.write(
      "/root/places.plan",
      """
      plan places {
        param name = "worker"
        rollout {
          phase up per instance {
            default { timeout 1m }
            parallel {
              start unit "\\(name)@1", "\\(name)@2.service" as workers
              start unit app.timer
            }
            run "false" { timeout 1m }
            on failure { stop unit "\\(name)@2" { timeout 1m } }
          }
        }
        finally { stop unit web.service { timeout 1m } }
      }

      """
    )
    try machine.lockstep("run", "/root/places.plan").expect(1)
      .prints("ok up#workers", "ok up#start-app.timer", "ok up#stop-name-2", "ok places#stop-web")
    #expect(
      try states("worker@1", "worker@2", "app.timer", "web", of: machine)
        == ["active", "inactive", "active", "inactive"]
    )
  }

  @Test("install-boot runs a plan of units once per boot")
  func boot() throws {
    let machine = try machine()
    try machine.write("/srv/ready", "")
    let installed = try machine.lockstep("install-boot", "/root/shop.plan").expect(0)
    installed.prints("wrote /etc/systemd/system/lockstep-shop.service")
    #expect(try machine.reboot() == "running")
    #expect(
      try states("web", "app", "lockstep-shop", of: machine) == ["active", "active", "active"]
    )
    #expect(machine.lines("/srv/data") == ["migrated"])
    let again = try machine.lockstep("run", "/root/shop.plan", "--once-per-boot").expect(0)
    again.prints("nothing to do")
    expectNoWordOfBOSH(again)
    #expect(machine.lines("/srv/data") == ["migrated"])
    try machine.lockstep("install-boot", "/root/shop.plan", "--remove").expect(0)
      .prints("removed /etc/systemd/system/lockstep-shop.service")
  }

  @Test("Only one run is active at a time, wherever its records are")
  func lock() throws {
    let machine = try machine()
    try machine.shell("mkfifo /srv/go")
    try machine.write(
      "/root/slow.plan",
      "plan slow { phase a per instance { run \"echo ready; read _ </srv/go\" as a { timeout 1m } } }\n"
    )
    let slow = try machine.start([LivingSystemd.lockstepPath, "run", "/root/slow.plan"])
    try slow.waitFor("begin      a")
    try machine.lockstep("run", "/root/shop.plan", "--state", "/root/records").expect(3)
      .complains("is working on it", "run /root/slow.plan")
    try machine.shell("echo go >/srv/go")
    try slow.finish().expect(0)
  }

  @Test("On a BOSH VM, a plan can name units in addition to release jobs")
  func units() throws {
    let machine = try machine()
    let vm = try machine.vm()
    try vm.releaseJob("store", ["pre-start": "echo pre-start >>/srv/order"])
    try machine.write(
      "/root/both.plan",
      """
      plan both {
        default { timeout 1m }
        phase down per instance { stop unit web.service run "echo $PWD" as where }
        phase pre-start { script pre-start }
        phase up per instance { start unit web.service }
      }

      """
    )
    try machine.lockstep("run", "/root/both.plan").expect(0).prints("ok pre-start vm/0/store")
    #expect(machine.lines("/srv/order") == ["pre-start"])
    #expect(try states("web", of: machine) == ["active"])
    #expect(vm.log("lockstep", "where.stdout") == "/var/vcap\n")
    #expect(access("\(machine.root)/var/lib/lockstep", F_OK) != 0)
    #expect(access("\(vm.path)/monit/stopped", F_OK) != 0)
  }
}
