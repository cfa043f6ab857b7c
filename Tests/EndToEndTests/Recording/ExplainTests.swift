import Glibc
import TestSupport
import Testing

/// `resume --explain`, which says why each step would run or not.
@Suite(.waits) struct ExplainTests {
  @Test func everyKindOfReasonIsShown() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let arrived = try sandbox.fifo("arrived")
    var gates: [String: Fifo] = [:]
    for name in ["held", "lost", "cut", "orphan", "ended"] {
      gates[name] = try sandbox.fifo("go-\(name)")
    }
    func waiting(_ name: String) -> String {
      "echo here > \(arrived.path); read line < \(gates[name]?.path ?? "")"
    }
    try vm.releaseJob("app", ["pre-start": "true", "post-start": "exit 4"])
    try sandbox.write(
      "p.plan",
      """
      plan p {
        phase pre-start { script pre-start }
        phase left per instance { run "true" as out }
        phase fails { optional script post-start }
        phase never { when exists "nothing-of-the-kind" script pre-start }
        phase work per instance {
          parallel {
            run "exit 3" as once
            run "exit 5" as often { idempotent }
            run "\(waiting("held"))" as held
            run "\(waiting("lost"))" as lost
            run "\(waiting("cut"))" as cut { idempotent }
            run "\(waiting("orphan"))" as orphan { idempotent }
            run "\(waiting("ended"))" as ended
            sequence {
              run "true" as first { idempotent }
              run "exit 1" as second { idempotent }
              finally { run "true" as third { idempotent } }
            }
          }
          on failure { run "true" as handler }
        }
        phase last per instance { run "true" as last }
      }
      """
    )
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm", "--skip", "out"])
    _ = try arrived.lines(5)
    try run.waitFor("failed     work#once", "failed     work#often", "ok         work#third")
    try run.crash()
    for name in ["lost", "cut"] {
      for survivor in sandbox.survivors() where survivor.command.contains("go-\(name)") {
        kill(survivor.identifier, SIGKILL)
      }
    }
    try gates["ended"]?.release()
    sandbox.expectEnd { survivor in
      ["lost", "cut", "ended"].contains { survivor.command.contains("go-\($0)") }
    }
    let before = FileTree.listing(vm.path)
    let explained = try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
    #expect(explained.err.isEmpty, explained.shown)
    try Golden.expect(withoutNumbers(explained.out, vm), "resume-explain.txt")
    FileTree.expectUnchanged(vm.path, since: before)

    // With the decisions given; still nothing runs.
    let decided = try sandbox.lockstep(
      "resume",
      "--vm",
      "vm",
      "--explain",
      "--assume",
      "once=done",
      "--assume",
      "lost=again"
    ).expect(0)
    try Golden.expect(withoutNumbers(decided.out, vm), "resume-explain-assumed.txt")
    FileTree.expectUnchanged(vm.path, since: before)
  }

  @Test func longNamesAreNotCutAndTheRestFits() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let label = String(repeating: "long-", count: 20) + "name"
    try sandbox.write(
      "p.plan",
      "plan p { phase work per instance { run \"exit 1\" as \(label) } }"
    )
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    let explained = try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
    explained.prints("  ask     work:vm/0#\(label)\n")
    // It can be typed as it is shown there.
    try sandbox.lockstep("resume", "--vm", "vm", "--assume", "work:vm/0#\(label)=done").expect(0)
    _ = vm
  }

  @Test func endOfTheRunIsShown() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let arrived = try sandbox.fifo("arrived")
    try vm.releaseJob("a", ["pre-start": "echo here > '\(arrived.path)'; exec sleep 300"])
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    let run = try sandbox.start(["run", "p.plan", "--vm", "vm"])
    _ = try arrived.line()
    try run.signal(SIGINT)
    try run.finish().expect(130)
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints(
        "run \(vm.runs[0]) of the plan p: it was stopped by SIGINT",
        "was interrupted",
        "1 to run"
      )
    try vm.releaseJob("a", ["pre-start": "true"])
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
    try sandbox.lockstep("resume", "--vm", "vm", "--explain").expect(0)
      .prints("it has succeeded", "1 to keep as they are")
  }

  /// The text without what differs each time: the run's name and process numbers.
  private func withoutNumbers(_ text: String, _ vm: TestVM) -> String {
    var words: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let isProcess = words.last == "process"
      words.append(isProcess ? "N" + word.drop { $0.isNumber } : String(word))
    }
    let result = words.joined(separator: " ")
    guard let run = vm.runs.last, let range = result.firstRange(of: run) else { return result }
    return result.replacingCharacters(in: range, with: "RUN")
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
