import Glibc
import TestSupport
import Testing

/// Machines on which a plan cannot run.
///
/// Nothing starts if that can be known before.
@Suite(.waits) struct BadMachineTests {
  private static let plan = """
    plan p {
      phase pre-start { script pre-start }
      barrier across instance
      phase post-start { script post-start }
    }
    """

  /// A VM with one good release job, whose scripts would leave a trace.
  private func vm(in sandbox: Sandbox) throws -> TestVM {
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    try vm.releaseJob("good", ["pre-start": vm.note("ran"), "post-start": vm.note("ran")])
    return vm
  }

  /// Expects that `run` and `dry-run` both fail, start nothing and do not change the VM.
  private func refuse(
    _ sandbox: Sandbox,
    _ texts: String...,
    root: String = "vm",
    status: Int32 = 3,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let before = FileTree.listing(sandbox.path)
    for command in ["run", "dry-run"] {
      let finished = try sandbox.lockstep(command, "p.plan", "--vm", root, location: location)
      // A dry-run starts nothing, so it does not refuse: it found a mistake.
      finished.expect(command == "dry-run" ? 2 : status, location)
      for text in texts { finished.complains(text, at: location) }
    }
    FileTree.expectUnchanged(sandbox.path, since: before, location)
    #expect(!sandbox.exists("order"), sourceLocation: location)
  }

  // MARK: The root

  @Test func missingRootIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try refuse(sandbox, "nowhere", "does not exist", "--vm ROOT", root: "nowhere", status: 2)
    try refuse(sandbox, "/no/jobs/here", "does not exist", root: "/no/jobs/here", status: 2)
  }

  @Test func fileAsRootIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try refuse(sandbox, "p.plan", "is not a folder", root: "p.plan", status: 2)
  }

  @Test func emptyRootIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try refuse(sandbox, "'--vm ' names no folder", root: "", status: 2)
  }

  @Test func rootWithoutReleaseJobsFolderIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.folder("bare")
    try refuse(sandbox, "PLAN0213", "is it the right --vm?", root: "bare", status: 2)
    try sandbox.folder("broken/bosh")
    try refuse(
      sandbox,
      "broken/jobs",
      "does not exist",
      "is this the right folder?",
      root: "broken"
    )
  }

  @Test func fileAsJobsFolderIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.write("odd/jobs", "")
    try refuse(sandbox, "odd/jobs", "is not a folder", root: "odd")
  }

  // MARK: Release jobs

  @Test(arguments: ["-rf", "a b", "ünïcode", "new\nline", "\u{1b}[31mred", "semi;colon"])
  func hostileReleaseJobNameIsRefused(name: String) throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJob(name, ["pre-start": vm.note("ran")])
    try refuse(sandbox, "vm/jobs/", "the name of this release job", "rename or remove it")
  }

  @Test func planNamingReleaseJobOutsideRootIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try sandbox.write("vm/x/bin/pre-start", "#!/bin/sh\n\(vm.note("ran"))\n", mode: 0o755)
    for name in ["../x", "-rf", "..", ".", "a/b", "", "a\\nb"] {
      try sandbox.write(
        "p.plan",
        "plan p { deployment-job web { release-jobs \"\(name)\" } phase a { script pre-start } }"
      )
      try refuse(sandbox, "p.plan:1:", status: 2)
    }
    for name in ["../../../x", "..", "-e", "a/b"] {
      try sandbox.write("p.plan", "plan p { phase a { script \"\(name)\" } }")
      try refuse(sandbox, "p.plan:1:", status: 2)
    }
  }

  @Test func releaseJobLinkOutOfRootIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    let outside = try sandbox.vm("outside")
    try outside.releaseJob("evil", ["pre-start": vm.note("ran")])
    try sandbox.link("vm/jobs/evil", to: outside.path + "/jobs/evil")
    try refuse(sandbox, "vm/jobs/evil", "leads outside the VM's folder", "outside/jobs/evil")
  }

  @Test func danglingReleaseJobLinkIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.link("vm/jobs/gone", to: "/var/vcap/data/jobs/gone")
    try refuse(sandbox, "vm/jobs/gone", "is a dangling link")
  }

  @Test func releaseJobLinkWithinRootIsAccepted() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try sandbox.write(
      "vm/data/jobs/app/bin/pre-start",
      "#!/bin/sh\n\(vm.note("ran"))\n",
      mode: 0o755
    )
    try sandbox.link("vm/jobs/app", to: vm.path + "/data/jobs/app")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(vm.order.count == 3)
  }

  @Test func fileAmongReleaseJobsIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.write("vm/jobs/.gitkeep", "")
    try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm").expect(0)
    try sandbox.write("vm/jobs/notes.txt", "")
    try refuse(sandbox, "vm/jobs/notes.txt", "is not a folder")
  }

  // MARK: Scripts

  @Test(arguments: [
    ("echo hello\n", "has no shebang"),
    ("", "is empty"),
    ("#!/bin/sh\r\necho hello\r\n", "CR LF"),
    ("\u{FEFF}#!/bin/sh\n", "byte order mark"),
    ("\n#!/bin/sh\n", "before its shebang"),
    ("#!/no/such/interpreter\n", "'/no/such/interpreter', which does not exist"),
    ("#!\n", "without an interpreter"),
  ])
  func scriptThatCannotStartIsRefused(text: String, words: String) throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    // It comes long after the first step, but is found before that.
    try vm.script("bad", "post-start", text)
    try refuse(sandbox, "jobs/bad/bin/post-start", words)
  }

  @Test func nonExecutableScriptIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.script("bad", "post-start", "#!/bin/sh\n", mode: 0o644)
    try refuse(sandbox, "jobs/bad/bin/post-start", "is not executable", "chmod")
  }

  @Test func folderAsScriptIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.folder("vm/jobs/bad/bin/post-start")
    try refuse(sandbox, "jobs/bad/bin/post-start", "is a folder")
  }

  @Test func namedPipeAsScriptIsRefused() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.folder("vm/jobs/bad/bin")
    _ = try sandbox.fifo("vm/jobs/bad/bin/post-start")
    try refuse(sandbox, "jobs/bad/bin/post-start", "is a named pipe")
  }

  @Test func scriptLinkOutOfRootIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try sandbox.folder("vm/jobs/bad/bin")
    try sandbox.write("evil", "#!/bin/sh\n\(vm.note("ran"))\n", mode: 0o755)
    try sandbox.link("vm/jobs/bad/bin/post-start", to: sandbox["evil"])
    try refuse(sandbox, "jobs/bad/bin/post-start", "leads outside the VM's folder", sandbox["evil"])
    FileTree.remove(sandbox["vm/jobs/bad/bin/post-start"])
    try sandbox.link("vm/jobs/bad/bin/post-start", to: "../../../../evil")
    try refuse(sandbox, "jobs/bad/bin/post-start", "leads outside the VM's folder", sandbox["evil"])
  }

  @Test func danglingScriptLinkCountsAsMissing() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try sandbox.folder("vm/jobs/bad/bin")
    try sandbox.link("vm/jobs/bad/bin/post-start", to: "nothing")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    #expect(vm.order.count == 2)
  }

  @Test func badScriptOfAnUnusedPhaseIsIgnored() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.script("good", "post-deploy", "no shebang\n")
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
  }

  @Test func allMistakesAreReportedAtOnce() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.script("bad1", "pre-start", "#!/bin/sh\n", mode: 0o644)
    try vm.script("bad2", "post-start", "echo\n")
    try refuse(sandbox, "jobs/bad1/bin/pre-start", "jobs/bad2/bin/post-start")
  }

  @Test func onlyTheFirstOfManyMistakesAreReported() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    for index in 100..<190 { try vm.script("bad\(index)", "pre-start", "echo\n") }
    try refuse(sandbox, "jobs/bad100/bin/pre-start", "more problems")
  }

  // MARK: What cannot be known before

  @Test func scriptCanBreakALaterScript() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try vm.releaseJob("spoiler", ["pre-start": "chmod 644 jobs/good/bin/post-start"])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    finished.prints("1 of 1 post-start script failed", "is not executable; chmod 0750 it")
  }

  @Test func logLinkIsNotFollowed() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    try sandbox.write("victim", "untouched\n")
    try sandbox.folder("vm/sys/log/good")
    try sandbox.link("vm/sys/log/good/pre-start.stdout.log", to: sandbox["victim"])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm")
    #expect(finished.status != .exited(0), finished.shown)
    #expect((finished.out + finished.err).contains("is a link, not a log"), finished.shown)
    #expect(sandbox.text("victim") == "untouched\n")
    #expect(vm.order.isEmpty)
  }

  @Test func logsOutsideTheRootAreRefused() throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    FileTree.remove(vm.path + "/sys")
    try sandbox.folder("elsewhere/log")
    try sandbox.link("vm/sys", to: sandbox["elsewhere"])
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm")
    #expect(finished.status != .exited(0), finished.shown)
    #expect((finished.out + finished.err).contains("outside the VM's folder"), finished.shown)
    #expect(FileTree.paths(sandbox["elsewhere"]) == ["log/"])
    #expect(vm.order.isEmpty)
  }
}
