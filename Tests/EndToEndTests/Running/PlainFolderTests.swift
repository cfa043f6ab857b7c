import Glibc
import TestSupport
import Testing

/// Machines without BOSH and without systemd: any folder works.
@Suite(.waits) struct PlainFolderTests {
  private static let plan = """
    plan shop {
      default { timeout 1m }
      phase migrate per instance {
        run "test -e ready && pwd > here" as migrate
      }
    }

    """

  @Test("A plan runs in any folder, and is resumed there")
  func anyFolder() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("ops")
    try sandbox.write("shop.plan", Self.plan)
    let seen = try sandbox.lockstep("dry-run", "shop.plan", "--vm", "ops").expect(0)
    seen.prints("folder \(sandbox["ops"])", "sys/log/lockstep/migrate.{stdout,stderr}.log")
    #expect(FileTree.paths(sandbox["ops"]) == [])
    try sandbox.lockstep("run", "shop.plan", "--vm", "ops").expect(1)
      .prints("lockstep resume --vm \(sandbox["ops"])")
    try sandbox.write("ops/ready", "")
    try sandbox.lockstep("resume", "--vm", "ops", "--assume", "migrate=again").expect(0)
    #expect(sandbox.text("ops/here") == "\(sandbox["ops"])\n")
    #expect(sandbox.text("ops/sys/log/lockstep/migrate.stderr.log") == "")
  }

  @Test("A phase for release jobs is refused where there are none, with what to write")
  func phasePerReleaseJob() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("ops")
    try sandbox.write("shop.plan", Self.plan.replacing(" per instance", with: ""))
    for command in ["dry-run", "run"] {
      try sandbox.lockstep(command, "shop.plan", "--vm", "ops").complains(
        "error PLAN0213: phase 'migrate' runs for each release job, but this machine has none",
        "help: write 'per instance' to run it once on the machine"
      )
    }
    try sandbox.lockstep("run", "bosh-stop", "--vm", "ops").expect(2).complains(
      "error PLAN0213: phase 'pre-stop' runs for each release job",
      "is it the right --vm?"
    )
    #expect(FileTree.paths(sandbox["ops"]) == [])
  }

  @Test("The machine itself cannot be a VM next to others")
  func machineAndOthers() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("ops")
    try sandbox.write("two.plan", "plan two { deployment-job a { instances 2 } }\n")
    try sandbox.lockstep("dry-run", "two.plan", "--vm", "a/0=/", "--vm", "a/1=ops").expect(2)
      .complains("is this machine itself, and cannot be one of several VMs")
  }

  @Test("JSON names units and where logs are")
  func json() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "up.plan",
      "plan up { phase a per instance { start unit app { timeout 1m settle 2s } run \"true\" } }\n"
    )
    let seen = try sandbox.lockstep("dry-run", "up.plan", "--vm", "/", "--format", "json")
    seen.prints(
      #""action":{"kind":"start-unit","units":["app.service"]}"#,
      #""stdout":"var/log/lockstep/run-true.stdout.log""#
    )
  }

  @Test("--vm of a missing folder says what would work")
  func missingFolder() throws {
    let sandbox = try Sandbox()
    try sandbox.write("shop.plan", Self.plan)
    try sandbox.lockstep("run", "shop.plan", "--vm", "nowhere").expect(2)
      .complains("nowhere does not exist", "any folder elsewhere")
  }
}
