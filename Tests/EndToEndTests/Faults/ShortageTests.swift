import TestSupport
import Testing

/// Too few descriptors, and files that may not grow.
///
/// What can run does run, and the rest says why not.
@Suite(.waits) struct ShortageTests {
  @Test(arguments: [false, true])
  func runSurvivesAShortageOfDescriptors(isHard: Bool) throws {
    var statuses: Set<EndStatus> = []
    for limit in Rounds.sample(4..<41, 5) {
      let world = try RecordingVM.small()
      let finished = try limited("ulimit -\(isHard ? "" : "S")n \(limit)", world)
      statuses.insert(finished.status)
      // The loader opens libraries before the command can print anything.
      let isLoader = finished.status == .exited(127) && finished.err.contains("shared libraries")
      var recovery = Recovery(world)
      var next = Recovery.Next.command(RecordingVM.run)
      if !isLoader, finished.status != .exited(2) {
        next = try recovery.next(after: finished, wasDisturbed: true)
      }
      if finished.status != .exited(0) {
        #expect(finished.err.contains("open") || finished.out.contains("open"), finished.shown)
      }
      try recovery.finish(from: next)
      if !recovery.judge() { return }
    }
    #expect(statuses.contains(.exited(0)))
  }

  /// A journal that may not grow is handled like a full disk, and no signal ends the run.
  @Test func fileSizeLimitIsLikeAFullDisk() throws {
    for limit in [0] + Rounds.sample(6..<28, 4) {
      let world = try RecordingVM.large()
      // In blocks of 512 bytes.
      let finished = try limited("ulimit -S -f \(limit)", world)
      if case .signalled = finished.status { Issue.record(finished.shown) }
      var recovery = Recovery(world)
      try recovery.finish(from: recovery.next(after: finished, wasDisturbed: true))
      if !recovery.judge() { return }
    }
  }

  /// With a limit on the journal's size, the last write is a short one.
  ///
  /// It may end anywhere in a record.
  @Test(.enabled(if: Tool.prlimit.works("--version") || Tool.isAllRequired, "needs prlimit(1)"))
  func shortWriteIsSafe() throws {
    let whole = try RecordingVM.small()
    try whole.sandbox.start(RecordingVM.run).finish().expect(0)
    let runs = whole.sandbox["vm/data/lockstep/runs"]
    let run = try #require(FileTree.names(runs).first)
    let length = try #require(FileTree.bytes("\(runs)/\(run)/journal")).count
    for limit in Rounds.sample(length - 700..<length + 1, 6) {
      let world = try RecordingVM.small()
      let finished = try RunningCommand(
        Tool.prlimit.path,
        ["--fsize=\(limit):unlimited", Lockstep.path] + RecordingVM.run,
        environment: Lockstep.environment,
        folder: world.sandbox.path
      ).finish()
      if case .signalled = finished.status { Issue.record("\(finished.shown)") }
      var recovery = Recovery(world)
      try recovery.finish(from: recovery.next(after: finished, wasDisturbed: true))
      if !recovery.judge() { return }
    }
  }

  private func limited(_ limit: String, _ world: RecordingVM) throws -> FinishedCommand {
    let command = ([Lockstep.path] + RecordingVM.run).map { "'\($0)'" }.joined(separator: " ")
    return try RunningCommand(
      "/bin/sh",
      ["-c", "\(limit) && exec \(command)"],
      environment: Lockstep.environment,
      folder: world.sandbox.path
    ).finish()
  }
}
