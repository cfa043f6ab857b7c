import Glibc
import TestSupport
import Testing

/// What runs after a boot of the machine.
///
/// BOSH leaves that to monit alone (BOSH 8).
@Suite("After a boot", .waits)
struct BootTests {
  private func vm(_ sandbox: Sandbox, _ body: String = "") throws -> TestVM {
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": vm.note("ran") + "\n" + body, "post-start": "true"])
    return vm
  }

  private static let once = ["run", "bosh-start", "--vm", "vm", "--once-per-boot"]

  @Test("--once-per-boot: a run that succeeded since the boot is not repeated")
  func once() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(Self.once).finish().expect(0)
    try sandbox.start(Self.once).finish().expect(0)
      .prints("bosh-start has succeeded since this boot, as run 2", "nothing to do")
    #expect(vm.order == ["ran"])
    // Only a run with the option is skipped.
    try sandbox.lockstep("run", "bosh-start", "--vm", "vm").expect(0)
    #expect(vm.order.count == 2)
  }

  @Test(
    "--once-per-boot: the success of another run does not count",
    arguments: [
      ["--only", "pre-start"], ["--skip", "pre-start"], ["--fact", "x=y"],
      ["--state", "other-state"],
    ]
  )
  func others(options: [String]) throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(["run", "bosh-start", "--vm", "vm"] + options).finish().expect(0)
    let before = vm.order.count
    try sandbox.start(Self.once).finish().expect(0)
    #expect(vm.order.count == before + 1)
  }

  @Test("--once-per-boot: a run that failed, or whose record is damaged, is repeated")
  func failed() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox, "[ -e '\(sandbox["good"])' ]")
    try sandbox.write("p.plan", "plan p { phase a { script pre-start { timeout 1m } } }\n")
    let once = ["run", "p.plan", "--vm", "vm", "--once-per-boot"]
    try sandbox.start(once).finish().expect(1)
    try sandbox.write("good", "")
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 2)
    try sandbox.start(once).finish().expect(0).prints("nothing to do")
    // A success that cannot be read does not count.
    let runs = sandbox["vm/data/lockstep/runs"]
    let newest = try #require(FileTree.names(runs).last)
    let journal = "vm/data/lockstep/runs/\(newest)/journal"
    var bytes = try #require(FileTree.bytes(sandbox[journal]))
    bytes[bytes.count / 2] ^= 1
    try sandbox.write(journal, bytes: bytes, mode: 0o600)
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 3)
    // A plan that has changed has not run.
    try sandbox.write("p.plan", "plan p { phase a { script pre-start { timeout 2m } } }\n")
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 4)
  }

  @Test(
    "BOSH 8: after a reboot it runs again",
    .enabled(if: Tool.isAllRequired || Tool.unshare.works("-m", "true"))
  )
  func reboot() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(Self.once).finish().expect(0)
    try sandbox.write("boot", "0f0f0f0f-1234-4321-8888-abcdefabcdef\n")
    let inNextBoot =
      "mount --bind boot /proc/sys/kernel/random/boot_id && "
      + "'\(Lockstep.path)' run bosh-start --vm vm --once-per-boot"
    for count in [2, 2] {
      try RunningCommand(
        Tool.unshare.path,
        ["-m", "sh", "-c", inNextBoot],
        environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
        folder: sandbox.path
      ).finish().expect(0)
      #expect(vm.order.count == count)
    }
  }
}
