import TestSupport
import Testing

/// Commands that help to write a plan: `fmt`, `new`, `explain`, `debug`.
@Suite(.waits) struct WritingTests {
  @Test func fmtRewritesAPlanOnlyIfNeeded() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", "plan p{phase a{script pre-start}# why\n}")
    try sandbox.lockstep("fmt", "--check", "p.plan").expect(1).prints("p.plan would change")
    #expect(sandbox.text("p.plan")?.hasPrefix("plan p{") == true)
    try sandbox.lockstep("fmt", "p.plan").expect(0)
    let formatted = try #require(sandbox.text("p.plan"))
    #expect(formatted.contains("phase a { script pre-start }"))
    #expect(formatted.contains("# why"))
    let listing = FileTree.listing(sandbox["p.plan"])
    try sandbox.lockstep("fmt", "p.plan").expect(0)
    try sandbox.lockstep("fmt", "--check", "p.plan").expect(0)
    FileTree.expectUnchanged(sandbox["p.plan"], since: listing)
    #expect(FileTree.paths(sandbox.path) == ["p.plan"])
    let piped = try sandbox.lockstep(
      "fmt",
      "-",
      input: .text("plan p{phase a{script pre-start}# why\n}")
    )
    #expect(piped.expect(0).out == formatted)
  }

  @Test func fmtDoesNotTouchAPlanWithMistakes() throws {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", "plan p{fase a{}}")
    let listing = FileTree.listing(sandbox["p.plan"])
    try sandbox.lockstep("fmt", "p.plan").expect(2).complains("p.plan:1:8")
    FileTree.expectUnchanged(sandbox["p.plan"], since: listing)
    try sandbox.lockstep("fmt", "missing.plan").expect(2).complains("no such file")
  }

  @Test(arguments: ["minimal", "bosh", "rolling", "backup", "units"])
  func newPlanHasNoMistakes(template: String) throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep("new", "my.plan", "--template", template).expect(0)
    finished.prints("lockstep dry-run my.plan")
    try sandbox.lockstep("check", "my.plan").expect(0).prints("my.plan: no mistakes")
    try sandbox.lockstep("fmt", "--check", "my.plan").expect(0)
    // An existing file is never overwritten.
    let listing = FileTree.listing(sandbox["my.plan"])
    try sandbox.lockstep("new", "my.plan", "--template", template).expect(2).complains("my.plan")
    FileTree.expectUnchanged(sandbox["my.plan"], since: listing)
  }

  @Test func newPlanFromAVMCanBeRunThere() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob(
      "app",
      ["pre-start": vm.note("pre-start"), "post-deploy": vm.note("post-deploy")]
    )
    try sandbox.lockstep("new", "site.plan", "--vm", "vm").expect(0)
    try sandbox.lockstep("run", "site.plan", "--vm", "vm").expect(0)
    #expect(vm.order == ["pre-start", "post-deploy"])
    try sandbox.lockstep("new", "x.plan", "--vm", "nowhere").expect(2).complains("does not exist")
    #expect(!sandbox.exists("x.plan"))
  }

  @Test func everyListedCodeIsExplained() throws {
    let sandbox = try Sandbox()
    let list = try sandbox.lockstep("explain").expect(0).out.split(separator: "\n")
    #expect(list.count > 40)
    for line in list {
      let code = String(line.split(separator: " ")[0])
      try sandbox.lockstep("explain", code).expect(0).prints(code)
    }
    for (words, page) in [
      ("retry", "more attempts"), ("on failure", "a handler"), ("backoff", "more attempts"),
    ] {
      try sandbox.start(["explain"] + words.split(separator: " ").map(String.init)).finish()
        .expect(0).prints(page)
    }
    for (wrong, near) in [("retyr", "retry"), ("timout", "timeout"), ("PLAN0205x", "PLAN0205")]
      + [
        ("canary", "canaries"), ("on_failure", "on failure"), ("on-failure", "on failure"),
        ("needs", "after"), ("environment", "env"), ("max_in_flight", "max-in-flight"),
      ]
    {
      try sandbox.lockstep("explain", wrong).expect(2).complains("did you mean '\(near)'?")
    }
    try sandbox.lockstep("explain", "204").expect(0).prints("PLAN0204")
    try sandbox.lockstep("explain", "PLAN9999").expect(2).complains("'PLAN9999'")
    try sandbox.lockstep("explain", "").expect(2)
    try sandbox.lockstep("explain", "PLAN99999999999999999999999").expect(2)
  }

  @Test(arguments: ["tokens", "tree", "graph"])
  func debugShowsEveryStage(station: String) throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.start(["debug", station, "bosh-deploy"]).finish().expect(0)
    #expect(!finished.out.isEmpty)
    try sandbox.lockstep("debug", "nothing", "bosh-deploy").expect(2).complains("'nothing'")
  }
}
