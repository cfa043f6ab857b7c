import TestSupport
import Testing

/// Disks that are full or read-only.
@Suite(.waits, .enabled(if: SmallDisk.works, "nothing can be mounted here"))
struct FullDiskTests {
  @Test func runThatCannotBeRecordedIsRefused() throws {
    let world = try RecordingVM.small()
    let arguments = RecordingVM.run + ["--state", "state"]
    try SmallDisk.with("state", in: world.sandbox, "size=512k") { disk in
      try world.sandbox.start(arguments).finish().expect(3)
        .complains("there is no space left for the record of a run", "nothing was started")
      #expect(FileTree.names(world.sandbox["state/runs"]) == [])
      try disk.remount("ro")
      try world.sandbox.start(arguments).finish().expect(3)
        .complains("is on a read-only file system", "nothing was started")
      try disk.remount("rw,size=8m")
      #expect(world.isUntouched)
      try world.acknowledge(world.sandbox.start(arguments).finish().expect(0))
    }
    #expect(world.faults() == [])
  }

  /// The first step fills the disk.
  ///
  /// The reserved space is enough for the ends of running steps.
  @Test func fullDiskStopsNewStepsAndLosesNothing() throws {
    let sandbox = try Sandbox()
    _ = try sandbox.vm()
    let count = 800
    // Long names make long records.
    let tail = String(repeating: "x", count: 400)
    let steps = (0..<count).map { number in
      "run \"echo s\(number) >> '\(sandbox["record"])'\" as s\(number)-\(tail) { idempotent }"
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        phase fill per instance {
          run "cat /dev/zero > '\(sandbox["state/fill"])' || true" as fill { idempotent }
        }
        phase many per instance { parallel { \(steps.joined(separator: "\n")) } }
      }
      """
    )
    try SmallDisk.with("state", in: sandbox, "size=4m") { disk in
      let arguments = ["--state", "state"]
      let full = try sandbox.start(
        ["run", "p.plan", "--vm", "vm", "--parallel", "4"] + arguments
      ).finish()
      full.expect(1).prints("nothing new starts, because nothing can be recorded")
      full.prints("not started", "--state \(sandbox["state"])\n")
      // The reason must be shown with --quiet too.
      full.complains("lockstep run: nothing new was started", "No space left on device")
      let acknowledged = Set(full.out.split(separator: "\n").compactMap(Self.acknowledged))
      #expect(!acknowledged.isEmpty && acknowledged.count < count)
      // It is still full.
      try sandbox.start(["resume"] + arguments).finish().expect(3)
        .complains("there is no space left for the record of a run", "nothing was started")
      FileTree.remove(sandbox["state/fill"])
      let resumed = try sandbox.start(["resume", "--quiet"] + arguments).finish()
      resumed.expect(0).prints("\(count + 1) succeeded")
      let record = sandbox.lines("record")
      #expect(Set(record).count == count)
      for step in Set(record) where acknowledged.contains(step) {
        #expect(record.count { $0 == step } == 1)
      }
    }
    sandbox.expectNoSurvivors()
  }

  /// The number of the step that a line calls ok.
  private static func acknowledged(_ line: Substring) -> String? {
    let words = line.split(separator: " ")
    guard words.count > 2, words[1] == "ok", let name = words[2].split(separator: "#").last else {
      return nil
    }
    return name.split(separator: "-").first.map(String.init)
  }

  @Test("BOSH 4.3: a disk that fills up while a script writes is left to the script")
  func fullDiskDuringAScript() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let fill = "head -c 1000000 /dev/zero"
    try vm.releaseJob("heeds", ["pre-start": "set -e; \(fill)"])
    try vm.releaseJob("shrugs", ["pre-start": "\(fill) || \(vm.note("full"))"])
    try SmallDisk.with("vm/sys/log", in: sandbox, "size=64k") { _ in
      try sandbox.write("p.plan", "plan p { phase x { script pre-start { timeout 1m } } }")
      try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
        .prints("1 of 2 pre-start scripts failed")
        .prints("exit status 1\n    the disk with its logs is full\n")
      #expect(vm.order == ["full"])
    }
  }

  @Test("BOSH 4.3: with no space for its logs (ENOSPC) a script has failed and has not run")
  func stepsFailIfTheirLogsCannotBeCreated() throws {
    let world = try RecordingVM.small()
    try SmallDisk.with("vm/sys/log", in: world.sandbox, "size=1m,nr_inodes=2") { disk in
      var recovery = Recovery(world)
      let full = try world.sandbox.start(RecordingVM.run).finish().expect(1)
      full.prints("cannot be opened: No space left on device")
      #expect(world.isUntouched)
      let next = try recovery.next(after: full)
      try disk.remount("ro")
      try world.sandbox.start(RecordingVM.resume).finish().expect(3)
        .complains("nothing was started")
      try disk.remount("rw,nr_inodes=100")
      try recovery.finish(from: next)
      recovery.judge()
    }
  }
}

/// A separate file system in memory, mounted in a sandbox.
struct SmallDisk {
  private let path: String

  /// Whether one can be mounted.
  static let works: Bool = {
    guard let sandbox = try? Sandbox() else { return false }
    do {
      try with("disk", in: sandbox, "size=64k") { _ in }
      return true
    } catch {
      return false
    }
  }()

  /// Mounts one while `body` runs.
  ///
  /// - Parameters:
  ///   - name: the folder, relative to the sandbox.
  ///   - sandbox: where to mount it.
  ///   - options: as of mount(8) and tmpfs(5).
  ///   - body: what is done with it.
  /// - Throws: an error if it cannot be mounted, and what `body` throws.
  static func with(
    _ name: String,
    in sandbox: Sandbox,
    _ options: String,
    _ body: (SmallDisk) throws -> Void
  ) throws {
    try sandbox.folder(name)
    let disk = SmallDisk(path: sandbox[name])
    try disk.call(.mount, ["-t", "tmpfs", "-o", options, "tmpfs", disk.path])
    defer { try? disk.call(.umount, ["-l", disk.path]) }
    try body(disk)
  }

  /// Mounts it once more, with other options.
  func remount(_ options: String) throws {
    try call(.mount, ["-o", "remount,\(options)", path])
  }

  private func call(_ tool: Tool, _ arguments: [String]) throws {
    let command = try RunningCommand(tool.path, arguments, environment: [:], folder: "/")
    let finished = try command.finish()
    if finished.status != .exited(0) { throw SystemFailure(description: "\(finished.shown)") }
  }
}
