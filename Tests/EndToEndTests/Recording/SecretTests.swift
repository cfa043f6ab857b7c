import Glibc
import TestSupport
import Testing

/// Values that only the steps may see.
@Suite(.waits) struct SecretTests {
  private static let value = "s3cr3t-of-ours"
  private static let fallback = "s3cr3t-by-default"

  /// A script, a plain command and a `wait`, which all get secrets, and the file that holds one.
  private func sandbox(_ more: String = "") throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let check = "[ ${#TOKEN} = 14 ] && [ ${#OTHER} = 17 ]"
    try vm.releaseJob(
      "a",
      // The wait only checks the length.
      ["pre-start": "\(check) && [ \"${TOKEN#s}\" != \"$TOKEN\" ] && [ -e '\(sandbox["mended"])' ]"]
    )
    try sandbox.write(
      "p.plan",
      """
      plan p {
        env TOKEN = "\\(token)"
        env OTHER = "\\(other)"
        param token secret
        param other secret = "\(Self.fallback)"
        phase first per instance {
          run "set -- $TOKEN $OTHER; [ ${#1} = 14 ] && [ ${#2} = 17 ]" as plain
          wait command "[ ${#TOKEN} = 14 ]" { timeout 10s }
        }
        phase pre-start { script pre-start }
        \(more)
      }
      """
    )
    try sandbox.write("token", Self.value + "\n", mode: 0o600)
    return (sandbox, vm)
  }

  /// Fails the test if a text contains one of the values.
  private func expectNone(
    in text: String,
    _ what: Comment,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(!text.contains("s3cr3t"), what, sourceLocation: location)
  }

  /// Looks through everything that a run leaves, except the given plan and file.
  private func expectNoTrace(_ sandbox: Sandbox, _ location: SourceLocation = #_sourceLocation) {
    let given = ["p.plan", "inner.plan", "token"]
    for path in FileTree.paths(sandbox.path) where !given.contains(path) {
      let bytes = FileTree.bytes(sandbox[path]) ?? []
      expectNone(in: String(decoding: bytes, as: UTF8.self), "\(path)", location)
    }
  }

  @Test func secretsReachOnlyTheSteps() throws {
    let (sandbox, vm) = try sandbox()
    let shown = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--set-file", "token=token")
    shown.expect(0).prints("TOKEN=(secret) OTHER=(secret)")
    expectNone(in: shown.out + shown.err, shown.shown)
    let run = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set-file", "token=token")
    run.expect(1).prints("2 succeeded, 1 failed")
    expectNone(in: run.out + run.err, run.shown)
    expectNoTrace(sandbox)
    #expect(vm.journal().contains(" secret \"token\"\n"))
    #expect(vm.journal().contains("param other secret = \\\"(secret)\\\""))
  }

  @Test func resumeAsksForSecretsAgain() throws {
    let (sandbox, _) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set-file", "token=token").expect(1)
    try sandbox.write("mended", "")
    let asked = try sandbox.lockstep("resume", "--vm", "vm").expect(2)
    asked.complains(
      "the secret param 'token' is not recorded and must be given again",
      "write --set-file token=FILE, or --set token=VALUE where no one else can see it"
    )
    // Read-only commands need no secret.
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0).prints("2 to run")
    let resumed = try sandbox.lockstep("resume", "--vm", "vm", "--set-file", "token=token")
    resumed.expect(0).prints("3 succeeded")
    expectNone(in: resumed.out + resumed.err, resumed.shown)
    expectNoTrace(sandbox)
  }

  /// Lockstep cannot know that a value has changed; the step that gets it must.
  @Test func changedSecretIsAccepted() throws {
    let (sandbox, _) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set-file", "token=token").expect(1)
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm", "--set", "token=wrong-value-14").expect(1)
      .prints("exit status 1 after 2 attempts")
    try sandbox.lockstep("resume", "--vm", "vm", "--set-file", "token=token").expect(0)
  }

  @Test func secretsAreNeverInOurArguments() throws {
    let arrived: Fifo
    let go: Fifo
    let (sandbox, _) = try sandbox(
      "phase last per instance { run \"echo here > ../../arrived; read line < ../../go\" as last }"
    )
    try sandbox.write("mended", "")
    (arrived, go) = (try sandbox.fifo("arrived"), try sandbox.fifo("go"))
    try sandbox.folder("vm/bosh")
    let run = try sandbox.start(
      ["run", "p.plan", "--vm", "vm", "--set-file", "token=token"]
    )
    #expect(try arrived.line() == "here")
    let processes = sandbox.survivors()
    // Coordinator, holder and command.
    #expect(processes.count >= 3)
    #expect(processes.contains { $0.command.hasPrefix("lockstep hold ") }, "\(processes)")
    for process in processes { expectNone(in: process.command, "\(process)") }
    try go.release()
    try run.finish().expect(0)
  }

  /// A default that came through a pipe cannot be read again.
  @Test func secretDefaultFromStandardInputIsAskedForAgain() throws {
    let (sandbox, _) = try sandbox()
    let plan = try #require(sandbox.text("p.plan"))
    let arguments = ["run", "-", "--vm", "vm", "--set-file", "token=token"]
    try sandbox.start(arguments, input: .text(plan)).finish().expect(1)
    expectNoTrace(sandbox)
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm", "--set-file", "token=token").expect(2)
      .complains("the secret param 'other' is not recorded")
    try sandbox.lockstep(
      "resume",
      "--vm",
      "vm",
      "--set-file",
      "token=token",
      "--set",
      "other=\(Self.fallback)"
    ).expect(0)
  }

  /// The including plan need not declare it as a secret.
  @Test func paramDeclaredSecretByAnIncludedPlanIsSecret() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.vm()
    try sandbox.write(
      "inner.plan",
      """
      plan inner {
        param token secret
        phase work per instance { env TOKEN = "\\(token)" run "[ ${#TOKEN} = 14 ] && exit 7" }
      }
      """
    )
    try sandbox.write("p.plan", "plan p { include \"inner.plan\" }")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--set", "token=\(Self.value)").expect(1)
      .prints("exit status 7")
    expectNoTrace(sandbox)
    try sandbox.lockstep("resume", "--vm", "vm").expect(2).complains("the secret param 'token'")
  }
}
