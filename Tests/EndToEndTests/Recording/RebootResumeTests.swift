import Glibc
import TestSupport
import Testing

/// Resuming a run whose processes are gone, after a reboot or because they have died since.
@Suite(.waits) struct RebootResumeTests {
  private static let canBoot = Tool.isAllRequired || Tool.unshare.works("-m", "true")

  private static let plan = """
    plan up {
      phase pre-start { script pre-start }
      barrier across instance
      phase start { start { timeout 20s settle 100ms } }
      barrier across instance
      phase post-start { script post-start }
    }
    """

  /// One release job with a daemon.
  ///
  /// Its post-start fails until there is a file `mended`.
  private func failing(_ sandbox: Sandbox) throws -> TestVM {
    try sandbox.write("up.plan", Self.plan)
    let vm = try sandbox.vm()
    let memory = "\(vm.path)/sys/run/made-by-pre-start"
    try vm.releaseJobWithDaemon(
      "app",
      [
        "pre-start": "\(vm.note("pre-start")); mkdir -p '\(memory)'",
        "post-start": "[ -e '\(sandbox["mended"])' ] || exit 3; [ -d '\(memory)' ] || exit 4; "
          + "kill -0 $(cat '\(vm.path)/sys/run/app/app.pid') && \(vm.note("post-start"))",
      ]
    )
    return vm
  }

  /// Like a reboot of a VM: no process is left, and nothing that was in memory.
  private func reboot(_ sandbox: Sandbox, _ vm: TestVM) throws {
    if let pid = vm.pid("app") {
      kill(pid, SIGKILL)
      while kill(pid, 0) == 0 { usleep(1000) }
    }
    try sandbox.folder("vm/sys")
    _ = try RunningCommand(
      "/bin/sh",
      ["-c", "rm -rf vm/sys/run/*"],
      environment: Lockstep.environment,
      folder: sandbox.path
    ).finish().expect(0)
    try sandbox.write("boot", "0f0f0f0f-1234-4321-8888-abcdefabcdef\n")
  }

  /// Runs the command in the boot that the file `boot` names.
  private func inNextBoot(_ sandbox: Sandbox, _ arguments: String) throws -> FinishedCommand {
    try RunningCommand(
      Tool.unshare.path,
      [
        "-m", "sh", "-c",
        "mount --bind boot /proc/sys/kernel/random/boot_id && '\(Lockstep.path)' \(arguments)",
      ],
      environment: Lockstep.environment,
      folder: sandbox.path
    ).finish()
  }

  @Test(
    "resume after a reboot starts what a passed start had started, and ends as a run would",
    .enabled(if: canBoot),
    arguments: ["resume --vm vm", "run up.plan --vm vm --supervisor ctl"]
  )
  func afterAReboot(_ command: String) throws {
    let sandbox = try Sandbox()
    let vm = try failing(sandbox)
    let run = ["run", "up.plan", "--vm", "vm", "--supervisor", "ctl"]
    try sandbox.start(run).finish().expect(1)
    #expect(vm.order == ["pre-start", "start app"])
    try reboot(sandbox, vm)
    try sandbox.write("mended", "")
    try inNextBoot(sandbox, command).expect(0)
    #expect(vm.order == ["pre-start", "start app", "pre-start", "start app", "post-start"])
    #expect(vm.isUp("app"))
  }

  @Test("resume --explain after a reboot says what is checked again", .enabled(if: canBoot))
  func explanationAfterAReboot() throws {
    let sandbox = try Sandbox()
    let vm = try failing(sandbox)
    try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "ctl").expect(1)
    let now = try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
    now.prints(
      "keep    pre-start:vm/0/app",
      "run     start:vm/0/app",
      "so they are checked again"
    )
    try reboot(sandbox, vm)
    try inNextBoot(sandbox, "resume --vm vm --explain").expect(0).prints(
      "run     pre-start:vm/0/app",
      "run     start:vm/0/app",
      "succeeded, but the machine was booted since"
    )
  }

  @Test("resume starts a process that has died since its start passed")
  func withoutAReboot() throws {
    let sandbox = try Sandbox()
    let vm = try failing(sandbox)
    try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "ctl").expect(1)
    let pid = try #require(vm.pid("app"))
    kill(pid, SIGKILL)
    while kill(pid, 0) == 0 { usleep(1000) }
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm").expect(0)
      .prints("ok         start       vm/0/app  ")
    #expect(vm.order == ["pre-start", "start app", "start app", "post-start"])
    #expect(vm.isUp("app"))
    // A living process is left alone, and a run that has succeeded is over.
    try sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("nothing is left to do")
    #expect(vm.order.count == 4)
  }

  @Test("resume with accepted changes checks a passed start again")
  func withAcceptedChanges() throws {
    let sandbox = try Sandbox()
    let vm = try failing(sandbox)
    try sandbox.lockstep("run", "up.plan", "--vm", "vm", "--supervisor", "ctl").expect(1)
    kill(try #require(vm.pid("app")), SIGKILL)
    try sandbox.write("mended", "")
    let changed = Self.plan.replacing("script post-start", with: "script post-start { timeout 1m }")
    try sandbox.write("up.plan", changed)
    try sandbox.lockstep("resume", "--vm", "vm", "--accept-changes").expect(0)
    #expect(vm.order == ["pre-start", "start app", "start app", "post-start"])
    #expect(vm.isUp("app"))
  }
}
