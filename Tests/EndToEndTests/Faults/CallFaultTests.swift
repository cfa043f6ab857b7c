import Glibc
import TestSupport
import Testing

/// System calls that fail: each call of a run in turn (strace(1), `inject`).
///
/// Whatever fails, the command ends, says why, and claims nothing false. Afterwards, without the
/// fault, a resume does what is missing and nothing else.
@Suite(.waits, .enabled(if: FaultyCalls.work, "strace cannot fail calls here"))
struct CallFaultTests {
  /// What the command does while calls fail.
  enum Doing: CaseIterable { case run, resume }

  private static let calls = [
    "write", "fsync", "fdatasync", "fallocate", "ftruncate", "openat", "openat2", "mkdirat",
    "flock",
    "read", "epoll_ctl", "epoll_wait", "eventfd2", "pidfd_open", "clone3", "waitid",
  ]
  /// Calls that only holders make, not the coordinator or a script.
  private static let holderCalls = ["linkat", "pwrite64", "timer_create", "unlinkat", "fsync"]
  private static let errors = ["EIO", "ENOSPC", "EINTR"]

  @Test(arguments: calls)
  func runSurvivesFailingCallsOfTheCoordinator(call: String) throws {
    for error in Rounds.isThorough ? Self.errors : ["EIO"] {
      let isOfResume = Rounds.isThorough || call == "write"
      for doing in isOfResume ? Doing.allCases : [.run] {
        try each(FaultyCalls(call, error), doing)
      }
    }
  }

  @Test(arguments: holderCalls)
  func runSurvivesFailingCallsOfHolders(call: String) throws {
    for error in Rounds.isThorough ? Self.errors : ["ENOSPC"] {
      try each(FaultyCalls(call, error, isEverybody: true), .run)
    }
  }

  /// A call that a signal interrupts is repeated.
  @Test(arguments: ["write", "fsync", "fdatasync", "fallocate", "flock", "epoll_wait"])
  func interruptedCallsAreRepeated(call: String) throws {
    let (finished, recovery) = try afterFault(FaultyCalls(call, "EINTR"), .resume, "1..9+2")
    finished.expect(0)
    recovery.judge()
  }

  /// Processes can be made again after a while, or not.
  @Test(arguments: ["2", "2..4", "2+"])
  func runSurvivesFailingForks(times: String) throws {
    // The first is the thread that syncs the journal. The second writes for people; a run can do
    // without it.
    let faulty = FaultyCalls("clone3", "EAGAIN")
    let (finished, recovery) = try afterFault(faulty, .run, times)
    if times == "2+" {
      finished.expect(1).prints("no more processes are allowed", "tried 9 times")
    } else {
      finished.expect(0)
    }
    recovery.judge()
  }

  /// Nothing can be executed.
  @Test func runFailsIfNothingCanBeExecuted() throws {
    let (finished, recovery) = try afterFault(
      FaultyCalls("execve", "EIO"),
      .run,
      "1"
    )
    finished.expect(1).prints("cannot be started: Input/output error")
    recovery.judge()
  }

  /// One program of several cannot be executed.
  ///
  /// Its step fails and nothing else does. Nothing of it was started, so a resume asks no question.
  @Test(arguments: 0..<4)
  func onlyTheStepThatCannotBeExecutedFails(number: Int) throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let tools = try (0..<4).map { number in
      try sandbox.write("tool\(number)", "#!/bin/sh\n\(vm.note("\(number)"))\n", mode: 0o755)
    }
    // Every second one has a holder.
    let steps = tools.indices.map {
      "run [\"\(tools[$0])\"] as s\($0)\($0 % 2 == 0 ? "" : " { idempotent }")"
    }
    try sandbox.write(
      "p.plan",
      "plan p { default { timeout 1m } phase a per instance { parallel { "
        + "\(steps.joined(separator: "\n")) } } }"
    )
    let faulty = FaultyCalls("execve", "EIO", isEverybody: true, path: tools[number])
    let finished = try faulty.start(["run", "p.plan", "--vm", "vm"], in: sandbox, times: "1")
      .finish()
    finished.expect(1).prints("cannot be started: Input/output error", "3 succeeded, 1 failed")
    #expect(Set(vm.order) == Set((0..<4).filter { $0 != number }.map { "\($0)" }))
    try sandbox.lockstep("resume", "--vm", "vm").expect(0).prints("4 succeeded")
    #expect(vm.order.sorted() == ["0", "1", "2", "3"])
  }

  /// A command that is not idempotent starts when its record has reached the disk, not by an event.
  @Test func interruptedRunSaysWhetherAnythingWasStarted() throws {
    let faulty = FaultyCalls("epoll_wait", "EIO")
    var statuses: Set<EndStatus> = []
    for number in 1...20 {
      let sandbox = try Sandbox()
      let vm = try sandbox.vm()
      try sandbox.write(
        "p.plan",
        "plan p { default { timeout 1m } phase a per instance { run \"\(vm.note("begun"))\" } }"
      )
      let arguments = ["run", "p.plan", "--vm", "vm"]
      let end = try faulty.start(arguments, in: sandbox, times: "\(number)").finish()
      statuses.insert(end.status)
      switch end.status {
      case .exited(0): break
      case .exited(3):
        end.complains("refused, nothing was started")
        #expect(vm.order == [])
      default: end.expect(1).complains("what ran was ended")
      }
      if end.status == .exited(0) { break }
    }
    #expect(statuses == [.exited(0), .exited(1), .exited(3)])
  }

  private func each(_ faulty: FaultyCalls, _ doing: Doing) throws {
    let count = try faulty.count(of: world(doing))
    if count == 0 { return }
    for number in Rounds.sample(1..<count + 1, 2) {
      let (_, recovery) = try afterFault(faulty, doing, "\(number)")
      if !recovery.judge() { return }
    }
  }

  /// A VM for a run or a resume.
  private func world(_ doing: Doing) throws -> RecordingVM {
    if doing == .run { return try RecordingVM.small() }
    let world = try RecordingVM.small(failures: 1)
    try world.acknowledge(world.sandbox.start(RecordingVM.run).finish().expect(1))
    return world
  }

  /// The result with failing calls, and the recovery without them.
  private func afterFault(
    _ faulty: FaultyCalls,
    _ doing: Doing,
    _ times: String
  ) throws -> (FinishedCommand, Recovery) {
    let world = try world(doing)
    let arguments = doing == .run ? RecordingVM.run : RecordingVM.resume
    let finished = try faulty.start(arguments, in: world.sandbox, times: times).finish()
    var recovery = Recovery(world)
    var next = Recovery.Next.command(RecordingVM.run)
    if isBeforeMain(finished) {
      next = .command(arguments)
    } else {
      if finished.status == .exited(0) {
        let explanation = try world.sandbox.lockstep("resume", "--explain", "--vm", "vm").expect(0)
        #expect(JournalImage.kept(explanation) == world.rules.map(\.step), explanation.shown)
      } else {
        #expect(!finished.stderr.isEmpty || !finished.stdout.isEmpty, finished.shown)
      }
      next = try recovery.next(after: finished, wasDisturbed: true)
    }
    try recovery.finish(from: next)
    return (finished, recovery)
  }

  /// Whether the call that failed was the loader's, or the one that reads the plan.
  private func isBeforeMain(_ finished: FinishedCommand) -> Bool {
    finished.status == .exited(127) && finished.err.contains("shared libraries")
      || finished.status == .exited(2) && !finished.stderr.isEmpty
  }
}
