import TestSupport
import Testing

/// Running a part of a plan: `--only`, `--from`, `--skip`.
@Suite(.waits) struct SelectionTests {
  private func sandbox() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for name in ["a", "b"] {
      try vm.releaseJob(
        name,
        ["pre-start": vm.note("\(name) pre"), "post-start": vm.note("\(name) post")]
      )
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase pre-start { script pre-start }
        barrier across instance
        phase backup per instance {
          run "\(vm.note("dump"))" as dump
          run "\(vm.note("upload"))" as upload
          finally { run "\(vm.note("tidy"))" as tidy }
        }
        phase post-start { script post-start }
        finally { run "\(vm.note("bye"))" as bye }
      }
      """
    )
    return (sandbox, vm)
  }

  private static let all = ["a post", "a pre", "b post", "b pre", "bye", "dump", "tidy", "upload"]

  @Test(arguments: [
    // A phase, with the handlers of the blocks around it.
    (["--only", "pre-start"], ["a pre", "b pre", "bye"]),
    // One step, alone and with what follows it.
    (["--only", "dump"], ["bye", "dump", "tidy"]),
    (["--from", "upload"], ["a post", "b post", "bye", "tidy", "upload"]),
    (["--from", "backup"], ["a post", "b post", "bye", "dump", "tidy", "upload"]),
    // A whole name, a release job, an instance, patterns.
    (["--only", "pre-start:vm/0/b#script-pre-start"], ["b pre", "bye"]),
    (["--only", "a"], ["a post", "a pre", "bye"]),
    (["--only", "vm/0/a"], ["a post", "a pre", "bye"]),
    (["--only", "*:vm/0#*"], ["bye", "dump", "tidy", "upload"]),
    (["--only", "pre-start:vm/0/?#*"], ["a pre", "b pre", "bye"]),
    // Several options together: what both choose, without what is excluded.
    (["--only", "dump", "--only", "post-start:vm/0/a"], ["a post", "bye", "dump", "tidy"]),
    (["--only", "a", "--from", "post-start"], ["a post", "a pre", "b post", "bye"]),
    (["--skip", "backup"], ["a post", "a pre", "b post", "b pre", "bye"]),
    (
      ["--skip", "bye", "--skip", "post-start", "--skip", "b"], ["a pre", "dump", "tidy", "upload"]
    ),
    (["--from", "backup", "--skip", "upload"], ["a post", "b post", "bye", "dump", "tidy"]),
    (["--only=dump", "--skip", "tidy"], ["bye", "dump"]),
  ])
  func onlySelectedStepsRun(options: [String], order: [String]) throws {
    let (sandbox, vm) = try sandbox()
    let shown = try sandbox.start(["dry-run", "p.plan", "--vm", "vm"] + options).finish().expect(0)
    shown.checkManners()
    let left = Self.all.count - order.count
    shown.prints("8 steps, 1 barrier; \(left) of the steps left out\n")
    #expect(
      shown.out.count(of: "    skipped   left out on the command line\n") == left,
      shown.shown
    )
    #expect(vm.order.isEmpty)
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"] + options).finish().expect(0)
    run.checkManners()
    #expect(vm.order.sorted() == order, run.shown)
    run.prints("left out on the command line", ": \(order.count) succeeded, \(left) skipped\n")
    // Excluded steps hold nothing back. The others keep their order.
    #expect(run.out.count(of: "  barrier    ") == 1, run.shown)
    let ranks = ["a pre": 0, "b pre": 0, "dump": 1, "upload": 2, "tidy": 3]
    let found = vm.order.map { ranks[$0] ?? ($0 == "bye" ? 5 : 4) }
    #expect(found == found.sorted(), run.shown)
  }

  @Test(arguments: [
    (["--only", "pre-strat"], "no step is named 'pre-strat'", "did you mean 'pre-start'?"),
    (["--from", "backup:vm/0#dmp"], "named 'backup:vm/0#dmp'", "'backup:vm/0#dump'?"),
    (["--skip", "vm/1"], "no step is named 'vm/1'", ""),
    (["--only", "dump", "--skip", "nobody"], "no step is named 'nobody'", "shows all steps"),
    (["--only", "pre"], "no step is named 'pre'", ""),
    (["--only", ""], "no step is named ''", ""),
    (["--skip", "*"], "'--skip' leaves nothing to run", "dry-run"),
    (["--only", "dump", "--skip", "vm/0", "--skip", "bye"], "'--skip' leaves nothing to run", ""),
  ])
  func unknownNameIsRefused(options: [String], message: String, help: String) throws {
    let (sandbox, vm) = try sandbox()
    for command in ["run", "dry-run"] {
      let finished = try sandbox.start([command, "p.plan", "--vm", "vm"] + options).finish()
      finished.expect(2).complains(message, help)
      finished.checkManners()
    }
    #expect(vm.order.isEmpty)
    #expect(vm.runs.isEmpty)
  }

  /// At night you want this one step, whatever is wrong with others.
  @Test func excludedStepsMayBeBroken() throws {
    let (sandbox, vm) = try sandbox()
    try vm.script("a", "pre-start", "#!/nowhere\n", mode: 0o644)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--quiet").expect(3)
      .complains("jobs/a/bin/pre-start")
    try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--skip", "pre-start").expect(0)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--only", "dump").expect(0)
    #expect(vm.order == ["dump", "tidy", "bye"])
  }

  /// Rules for a plan's steps apply to the selected ones.
  @Test func singleStepCanBeRunAgainAsANewRun() throws {
    let (sandbox, vm) = try sandbox()
    for _ in 0..<2 {
      try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--only", "dump", "--skip", "tidy")
        .expect(0)
    }
    #expect(vm.order == ["dump", "bye", "dump", "bye"])
    #expect(vm.runs.count == 2)
  }
}

extension String {
  fileprivate func count(of text: String) -> Int {
    var count = 0
    var rest = self[...]
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
