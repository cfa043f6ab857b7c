import TestSupport
import Testing

/// What distinguishes one boot from another: the kernel's name for it, and the start of the first
/// process.
@Suite(.waits) struct BootIdentityTests {
  private static let canBoot =
    Tool.isAllRequired || Tool.unshare.works("--fork", "--pid", "--mount-proc", "true")

  private static let once = ["run", "p.plan", "--vm", "vm", "--once-per-boot"]

  private func vm(_ sandbox: Sandbox) throws -> TestVM {
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": vm.note("pre-start")])
    try sandbox.write("p.plan", "plan p { phase a { script pre-start } }\n")
    return vm
  }

  @Test(
    "a container that boots again has another boot, although the kernel's boot_id is the same",
    .enabled(if: canBoot)
  )
  func containers() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    for count in 1...2 {
      // Two runs in one boot of a container: only the first does anything.
      let line = Self.once.joined(separator: " ")
      try RunningCommand(
        Tool.unshare.path,
        [
          "--fork", "--pid", "--mount-proc", "sh", "-c",
          "'\(Lockstep.path)' \(line) && '\(Lockstep.path)' \(line)",
        ],
        environment: Lockstep.environment,
        folder: sandbox.path
      ).finish().expect(0)
      #expect(vm.order.count == count)
    }
  }
}
