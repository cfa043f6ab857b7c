import Glibc
import TestSupport
import Testing

/// Commands with a holder that write anything and leave any process behind.
@Suite(.waits) struct NoisyTests {
  private func sandbox(_ command: String) throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase work per instance { run \"\"\"
          \(command)
          \"\"\" as noisy }
      }
      """
    )
    return (sandbox, vm)
  }

  @Test func commandOutputIsMadeSafeForATerminal() throws {
    let noise = #"printf '\\033[2J\\033]0;owned\\007\\n\\000\\377\\302\\233 \\015\\n' >&2"#
    let (sandbox, _) = try sandbox("\(noise); exit 1")
    let seen = ["␛[2J␛]0;owned␇", "␀\u{FFFD}<U+9B> ␍"]
    // `lockstep(…)` itself checks for control characters and width.
    let first = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    let again = try sandbox.lockstep("resume", "--vm", "vm", "--assume", "noisy=again").expect(1)
    for text in seen {
      first.prints(text)
      again.prints(text)
    }
    again.prints("exit status 1, 2 attempts")
    #expect(again.out.split(separator: "\n").count { $0.contains("owned") } == 1, again.shown)
  }

  @Test func largeOutputGoesOnlyToTheLog() throws {
    let (sandbox, vm) = try sandbox(
      "head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; exit 1"
    )
    let run = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    #expect(run.stdout.count < 4096)
    for log in ["stdout", "stderr"] {
      let path = "\(vm.path)/sys/log/lockstep/noisy.\(log).log"
      #expect(FileTree.status(path)?.st_size == 20_000_000)
    }
    #expect(vm.journal().utf8.count < 8192)
  }

  /// A daemon keeps the log open, and neither the holder nor a resume waits for it.
  @Test func leftBehindDaemonDelaysNothing() throws {
    let (sandbox, _) = try sandbox("setsid sleep 300 & [ -e ../../mended ]")
    try sandbox.folder("vm/bosh")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm", "--assume", "noisy=again").expect(0)
    let left = sandbox.survivors()
    #expect(left.count == 2 && left.allSatisfy { $0.command.hasPrefix("sleep 300") }, "\(left)")
  }
}
