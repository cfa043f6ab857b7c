import Glibc
import TestSupport
import Testing

/// Processes that make themselves daemons, in their own sessions and reparented.
///
/// On a machine without cgroups they escape, as docs/running.md says.
@Suite(
  .waits,
  .enabled(if: CGroups.work || Tool.isAllRequired, "needs cgroups of version 2, and root")
)
struct EscapeTests {
  /// A step that waits for its release, and must be ended together with its daemon.
  enum Kind: String, CaseIterable {
    case script, idempotent, held

    /// The plan of a step of this kind, which runs `hangs` of the sandbox.
    func plan(_ sandbox: Sandbox, _ clauses: String) -> String {
      switch self {
      case .script: "plan p { phase pre-start { script pre-start { \(clauses) } } }"
      case .idempotent:
        "plan p { phase a per instance { run [\"\(sandbox["hangs"])\"] { idempotent \(clauses) } } }"
      case .held: "plan p { phase a per instance { run [\"\(sandbox["hangs"])\"] { \(clauses) } } }"
      }
    }
  }

  /// A line that starts a daemon by two forks, each with its own session and process group.
  ///
  /// The daemon ignores TERM and writes its number.
  private static func daemon(_ sandbox: Sandbox, _ arrived: Fifo) throws -> String {
    try sandbox.write(
      "daemon",
      """
      #!/bin/sh
      trap '' TERM HUP
      echo $$ > '\(arrived.path)'
      while :; do sleep 300; done

      """,
      mode: 0o755
    )
    return "setsid sh -c 'setsid \(sandbox["daemon"]) &' &"
  }

  private func rig(_ kind: Kind, _ clauses: String) throws -> (Sandbox, Fifo) {
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    let body = try "\(Self.daemon(sandbox, arrived))\nwhile :; do sleep 300; done"
    try vm.releaseJob("a", ["pre-start": body])
    try sandbox.write("hangs", "#!/bin/sh\n\(body)\n", mode: 0o755)
    try sandbox.write("p.plan", kind.plan(sandbox, clauses))
    return (sandbox, arrived)
  }

  @Test(arguments: Kind.allCases)
  func timeoutEndsDaemons(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    try withGrowingTimeout { timeout in
      let (sandbox, arrived) = try rig(kind, "timeout \(timeout) grace 50ms")
      let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
      try run.finish().expect(1).prints("timed out")
      sandbox.expectNoSurvivors()
      #expect(!CGroups.folders.contains("lockstep-\(run.identifier)"))
      return arrived.hasText
    }
  }

  @Test(arguments: Kind.allCases)
  func signalEndsDaemons(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    let (sandbox, arrived) = try rig(kind, "grace 50ms")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGTERM)
    try run.finish().expect(143)
    sandbox.expectNoSurvivors()
    #expect(!CGroups.folders.contains("lockstep-\(run.identifier)"))
  }

  @Test(arguments: Kind.allCases)
  func secondSignalEndsDaemonsAtOnce(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    let (sandbox, arrived) = try rig(kind, "grace 1h")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGINT)
    try run.waitFor("a second signal")
    try run.signal(SIGINT)
    try run.finish().expect(130)
    sandbox.expectNoSurvivors()
  }

  @Test func daemonsGetTERMFirst() throws {
    try #require(CGroups.work, "there are no cgroups here")
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    let asks = "trap 'echo asked > \(arrived.path); exit' TERM"
    // A child that a shell with a trap has just forked loses signals until it has reset the trap.
    let isThere = "until [ \"$(cat /proc/$!/comm)\" = sleep ]; do :; done"
    try sandbox.write(
      "daemon",
      "#!/bin/sh\n\(asks)\nsleep 300 &\n\(isThere)\necho here > \(arrived.path)\nwait\n",
      mode: 0o755
    )
    try vm.releaseJob(
      "a",
      ["pre-start": "setsid sh -c 'setsid \(sandbox["daemon"]) &' &\nsleep 300"]
    )
    try sandbox.write("p.plan", "plan p { phase a { script pre-start { grace 1h } } }")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    #expect(try arrived.line() == "here")
    try run.signal(SIGTERM)
    #expect(try arrived.line() == "asked")
    try run.finish().expect(143)
    sandbox.expectNoSurvivors()
  }

  @Test(arguments: Kind.allCases)
  func daemonsOfAFinishedStepStayAndMoveOut(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    let go = try sandbox.fifo("go")
    let body = try "\(Self.daemon(sandbox, arrived))\nread go < '\(go.path)'"
    try vm.releaseJob("a", ["pre-start": body])
    try sandbox.write("hangs", "#!/bin/sh\n\(body)\n", mode: 0o755)
    try sandbox.write("p.plan", kind.plan(sandbox, ""))
    let own = try #require(CGroups.path(of: getpid()))
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    let daemon = try #require(pid_t(try arrived.line()))
    let inside = try #require(CGroups.path(of: daemon))
    #expect(inside.contains("/lockstep-\(run.identifier)/"))
    try go.release()
    try run.finish().expect(0)
    #expect(kill(daemon, 0) == 0)
    #expect(CGroups.path(of: daemon) == own)
    #expect(!CGroups.folders.contains("lockstep-\(run.identifier)"))
  }

  @Test(arguments: Kind.allCases)
  func daemonsOfAnOrphanAreEndedWithIt(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    let (sandbox, arrived) = try rig(kind, "grace 50ms")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.crash()
    #expect(CGroups.folders.contains("lockstep-\(run.identifier)"))
    let resumed = try sandbox.start(["resume", "--vm", "vm"])
    try resumed.waitFor("await")
    try resumed.signal(SIGTERM)
    try resumed.finish().expect(143)
    sandbox.expectNoSurvivors()
    #expect(!CGroups.folders.contains("lockstep-\(run.identifier)"))
  }

  /// The first attempt ends before the resume looks, so only its daemon is left.
  @Test(arguments: [Kind.script, .idempotent])
  func daemonsOfAnUnwatchedStepMoveOut(kind: Kind) throws {
    try #require(CGroups.work, "there are no cgroups here")
    let sandbox = try Sandbox()
    let arrived = try sandbox.fifo("arrived")
    let vm = try sandbox.vm()
    let again = "[ -e '\(sandbox["again"])' ] && exit 0\n: > '\(sandbox["again"])'"
    let body = try "\(again)\n\(Self.daemon(sandbox, arrived))\nwhile :; do sleep 300; done"
    try vm.releaseJob("a", ["pre-start": body])
    try sandbox.write("hangs", "#!/bin/sh\n\(body)\n", mode: 0o755)
    try sandbox.write("p.plan", kind.plan(sandbox, ""))
    let own = try #require(CGroups.path(of: getpid()))
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    let daemon = try #require(pid_t(try arrived.line()))
    let inside = try #require(CGroups.path(of: daemon))
    try run.crash()
    for process in sandbox.survivors().map(\.identifier) where getsid(process) != getsid(daemon) {
      kill(process, SIGKILL)
    }
    #expect(CGroups.path(of: daemon) == inside)
    try sandbox.start(["resume", "--vm", "vm"]).finish().expect(0)
    #expect(kill(daemon, 0) == 0)
    #expect(CGroups.path(of: daemon) == own)
    #expect(!CGroups.folders.contains("lockstep-\(run.identifier)"))
  }

  @Test func laterRunRemovesLeftoverCGroups() throws {
    try #require(CGroups.work, "there are no cgroups here")
    let (sandbox, arrived) = try rig(.script, "grace 50ms")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    let left = "lockstep-\(run.identifier)"
    // It exists while it is used. After that, a run of another test may remove it too.
    #expect(CGroups.folders.contains(left))
    try run.crash()
    for survivor in sandbox.survivors() { kill(survivor.identifier, SIGKILL) }
    sandbox.expectNoSurvivors()
    let other = try Sandbox()
    try other.vm().releaseJob("a", ["pre-start": ":"])
    try other.lockstep("run", "bosh-start", "--vm", "vm").expect(0)
    #expect(!CGroups.folders.contains(left))
  }
}
