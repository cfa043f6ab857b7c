import TestSupport
import Testing

/// `lockstep audit`, on real and on doctored journals.
@Suite(.waits) struct AuditTests {
  private static let plan = """
    plan p {
      default { timeout 1m }
      phase pre-start { script pre-start { retry 1 } }
      barrier across instance
      phase work per instance {
        run "echo work >> ../../order" as work
        run "[ -e ../../mended ]" as gate { idempotent }
        finally { run "echo tidy >> ../../order" as tidy { idempotent } }
      }
      phase post-start { script post-start }
    }
    """

  private func sandbox(isMended: Bool = true) throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    try sandbox.write("p.plan", Self.plan)
    let vm = try sandbox.vm()
    try sandbox.folder("vm/bosh")
    for name in ["a", "b"] {
      try vm.releaseJob(name, ["pre-start": "true", "post-start": "true"])
    }
    if isMended { try sandbox.write("mended", "") }
    return (sandbox, vm)
  }

  private func audit(_ sandbox: Sandbox, _ more: String...) throws -> FinishedCommand {
    let finished = try sandbox.start(["audit", "--vm", "vm"] + more).finish()
    if !more.contains("json") { finished.checkManners() }
    return finished
  }

  @Test func correctRunPasses() throws {
    let (sandbox, vm) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    let before = FileTree.listing(sandbox.path)
    try audit(sandbox).expect(0).prints(
      "of the plan p\n",
      "7 starts, 1 session\n",
      "all rules were kept\n"
    )
    try audit(sandbox, vm.runs[0]).expect(0)
    try audit(sandbox, "--format", "json").expect(0).prints(
      #""version":1"#,
      #""kept":true"#,
      #""starts":7"#,
      #""findings":[]"#
    )
    #expect(FileTree.listing(sandbox.path) == before)
    try audit(sandbox, "nosuchrun").expect(3)
  }

  @Test func resumedRunPasses() throws {
    let (sandbox, _) = try sandbox(isMended: false)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    try audit(sandbox).expect(0).prints("1 session\n", "all rules were kept\n")
    try sandbox.write("mended", "")
    try sandbox.lockstep("resume", "--vm", "vm", "--assume", "work=again").expect(0)
    try audit(sandbox).expect(0).prints("2 sessions\n", "all rules were kept\n")
  }

  @Test(arguments: [["--only", "pre-start"], ["--from", "work"], ["--skip", "a"]])
  func partialRunPasses(options: [String]) throws {
    let (sandbox, _) = try sandbox()
    try sandbox.start(["run", "p.plan", "--vm", "vm"] + options).finish().expect(0)
    try audit(sandbox).expect(0).prints("all rules were kept\n")
  }

  @Test func doctoredJournalIsReportedWithBothRecords() throws {
    let (sandbox, vm) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    let run = vm.runs[0]
    let journal = DoctoredJournal(vm.journal(run))
    func write(_ lines: [String]) throws {
      try sandbox.write(
        "vm/data/lockstep/runs/\(run)/journal",
        bytes: DoctoredJournal.bytes(lines)
      )
    }
    // The checksums are the old ones, so nothing is found.
    try write(journal.lines)
    #expect(vm.journal(run) == journal.text)
    try audit(sandbox).expect(0)

    // The work begins before the last pre-start has ended.
    let work = try #require(journal.index(of: "started", "work:vm/0#work"))
    let last = try #require(
      journal.lines.lastIndex { $0.contains(" ended ") && $0.contains("#script-pre-start") }
    )
    try #require(last < work)
    var early = journal.lines
    early.insert(early.remove(at: work), at: last)
    try write(early)
    let found = try audit(sandbox).expect(1)
    found.prints(
      "work:vm/0#work began before pre-start:vm/0/",
      "byte ",
      "attempt 1 of work:vm/0#work",
      " of the rules"
    )
    try audit(sandbox, "--format", "json").expect(1).prints(
      #""kept":false"#,
      #""rule":"early""#,
      #""step":"work:vm/0#work""#,
      #""awaited":"pre-start:vm/0/"#
    )

    // Started twice at once.
    var twice = journal.lines
    twice.insert(twice[work], at: work)
    try write(twice)
    try audit(sandbox).expect(1).prints("began while an attempt of it was under way")

    // The handler is left out, so what follows its block is early.
    let tidy = journal.lines.filter { !$0.contains("#tidy") }
    try write(tidy)
    try audit(sandbox).expect(1).prints("began before work:vm/0#tidy had passed")

    // An end without a start.
    var lone = journal.lines
    lone.remove(at: work)
    try write(lone)
    try audit(sandbox).expect(1).prints("work:vm/0#work has an end without a start")
  }

  @Test func damagedJournalIsRefused() throws {
    let (sandbox, vm) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    let path = "vm/data/lockstep/runs/\(vm.runs[0])/journal"
    var bytes = Array(vm.journal().utf8)
    bytes[bytes.count / 2] ^= 1
    try sandbox.write(path, bytes: bytes)
    try audit(sandbox).expect(65).complains("is damaged, at byte ")
  }

  @Test func changedPlanCannotBeAudited() throws {
    let (sandbox, _) = try sandbox()
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    try sandbox.write(
      "p.plan",
      Self.plan.replacing("default { timeout 1m }", with: "default { timeout 2m }")
        .replacing("  phase post-start { script post-start }\n", with: "")
    )
    try audit(sandbox).expect(3).complains(
      "error: the plan has changed since the run began\n",
      "  post-start:vm/0/a#script-post-start: is gone\n",
      "restore that plan"
    )
    FileTree.remove(sandbox["p.plan"])
    try audit(sandbox).expect(2)
  }

  @Test func auditNeedsARun() throws {
    let (sandbox, _) = try sandbox()
    try audit(sandbox).expect(3)
  }
}

/// The records of a journal without their checksums, to be joined again.
private struct DoctoredJournal {
  let text: String
  let lines: [String]

  init(_ text: String) {
    self.text = text
    lines = text.split(separator: "\n").map { String($0.dropFirst(9)) }
  }

  /// The record with these words.
  func index(of words: String...) -> Int? {
    lines.firstIndex { line in words.allSatisfy { line.contains($0) } }
  }

  /// A journal of these records.
  ///
  /// Each checksum is made of the previous one and the text.
  static func bytes(_ lines: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    var previous: UInt32 = 0
    for line in lines {
      let chained = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: previous >> $0) }
      var sum = UInt32.max
      for byte in chained + Array(line.utf8) {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
      }
      previous = ~sum
      let digits = String(previous, radix: 16)
      let zeros = String(repeating: "0", count: 8 - digits.count)
      bytes += Array("\(zeros)\(digits) \(line)\n".utf8)
    }
    return bytes
  }
}
