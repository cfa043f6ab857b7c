import Glibc
import TestSupport
import Testing

/// How many records of runs are kept: `--keep`.
@Suite("Records that are kept", .waits)
struct KeepTests {
  private func rig() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write("p.plan", "plan p { phase a per instance { run \"true\" as x } }")
    try sandbox.write("other.plan", "plan other { phase a per instance { run \"[ -e good ]\" } }")
    return (sandbox, vm)
  }

  private static let run = ["run", "p.plan", "--vm", "vm"]

  @Test func newestRecordsAreKept() throws {
    let (sandbox, vm) = try rig()
    for _ in 0..<3 { try sandbox.start(Self.run).finish().expect(0) }
    let runs = vm.runs
    #expect(runs.count == 3)
    try sandbox.start(Self.run + ["--keep", "2"]).finish().expect(0)
    #expect(vm.runs.count == 2 && vm.runs[0] == runs[2])
    // A resume does the same, and so does a run that failed.
    try sandbox.start(["run", "other.plan", "--vm", "vm"]).finish().expect(1)
    try sandbox.lockstep("resume", "--vm", "vm", "--assume", "*=done", "--keep", "1").expect(0)
    #expect(vm.runs.count == 2)
    try sandbox.start(Self.run + ["--keep", "0"]).finish().expect(2)
      .complains("'--keep' takes a number from 1 to")
    #expect(FileTree.names("\(vm.path)/data/lockstep/runs").allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func lastRunOfEachPlanIsKept() throws {
    let (sandbox, vm) = try rig()
    try sandbox.start(["run", "other.plan", "--vm", "vm"]).finish().expect(1)
    let other = try #require(vm.runs.last)
    for _ in 0..<3 { try sandbox.start(Self.run + ["--keep", "1"]).finish().expect(0) }
    #expect(vm.runs.count == 2 && vm.runs[0] == other)
  }

  @Test func unfinishedRunIsKept() throws {
    let rig = try CrashRig.script()
    try rig.sandbox.write("q.plan", "plan q { phase a per instance { run \"true\" as x } }")
    try rig.killed()
    rig.sandbox.killEverything()
    let run = try #require(rig.vm.runs.last)
    for _ in 0..<3 {
      try rig.sandbox.lockstep("run", "q.plan", "--vm", "vm", "--keep", "1").expect(0)
        .complains("warning: run \(run)")
    }
    #expect(rig.vm.runs.count == 2 && rig.vm.runs[0] == run)
    try rig.go.release()
    try rig.resume(run).finish().expect(0)
  }

  /// Only what is in the folder is removed, never the target of a link.
  @Test func linksAreNotFollowedWhenRemoving() throws {
    let (sandbox, vm) = try rig()
    try sandbox.start(Self.run).finish().expect(0)
    let first = try #require(vm.runs.last)
    try sandbox.write("precious/file", "precious")
    let folder = "vm/data/lockstep/runs/\(first)"
    try sandbox.link("\(folder)/link", to: sandbox["precious"])
    try sandbox.link("\(folder)/steps/link", to: sandbox["precious/file"])
    // An interrupted removal is completed.
    try sandbox.write("vm/data/lockstep/runs/.removed-20250101T000000Z-0001/journal", "x")
    try sandbox.link("vm/data/lockstep/runs/.removed-20250101T000000Z-0002", to: "\(first)")
    for _ in 0..<2 { try sandbox.start(Self.run + ["--keep", "1"]).finish().expect(0) }
    #expect(vm.runs.filter { !$0.hasPrefix(".") }.count == 1)
    #expect(!sandbox.exists("vm/data/lockstep/runs/.removed-20250101T000000Z-0001"))
    #expect(sandbox.text("precious/file") == "precious")
  }

  /// A record that is being written is kept, whoever writes it.
  @Test func recordBeingWrittenIsKept() throws {
    let (sandbox, vm) = try rig()
    try sandbox.start(Self.run).finish().expect(0)
    let first = try #require(vm.runs.last)
    let path = "\(vm.path)/data/lockstep/runs/\(first)/journal"
    do {
      let journal = try Handle(path, O_RDWR)
      #expect(flock(journal.number, LOCK_EX) == 0)
      try sandbox.start(Self.run + ["--keep", "1"]).finish().expect(0)
      #expect(vm.runs.count == 2)
    }
    try sandbox.start(Self.run + ["--keep", "1"]).finish().expect(0)
    #expect(vm.runs.count == 1)
  }

  /// `--state` chooses another folder.
  ///
  /// With several VMs, the first one has the records.
  @Test func recordsInOtherFoldersAreLeftAlone() throws {
    let (sandbox, vm) = try rig()
    let other = try sandbox.vm("other")
    for vm in ["vm", "other"] {
      for _ in 0..<3 { try sandbox.lockstep("run", "p.plan", "--vm", vm).expect(0) }
    }
    try sandbox.start(Self.run + ["--state", "elsewhere", "--keep", "1"]).finish().expect(0)
    #expect(vm.runs.count == 3)
    try sandbox.write(
      "both.plan",
      """
      plan both {
        deployment-job web { release-jobs a  instances 2 }
        phase a per instance { run "true" }
      }
      """
    )
    for vm in [vm, other] { try vm.releaseJob("a") }
    for _ in 0..<2 {
      let machines = ["--vm", "web/0=vm", "--vm", "web/1=other"]
      try sandbox.start(["run", "both.plan"] + machines + ["--keep", "1"]).finish().expect(0)
    }
    // The last run of the other plan is kept next to the last run. A link to a removed run is
    // removed.
    #expect(vm.runs.count == 2)
    #expect(other.runs.count == 4 && other.runs.last == vm.runs.last)
  }

  /// A hundred by default.
  ///
  /// Looking through many is cheap.
  @Test func hundredRecordsAreKeptByDefault() throws {
    let (sandbox, vm) = try rig()
    try sandbox.start(Self.run).finish().expect(0)
    let first = "\(vm.path)/data/lockstep/runs/\(vm.runs[0])/journal"
    let journal = try #require(FileTree.bytes(first))
    for number in 100..<250 {
      let run = "vm/data/lockstep/runs/20250101T000000Z-0\(number)"
      try sandbox.write("\(run)/journal", bytes: journal, mode: 0o600)
      try sandbox.folder("\(run)/steps")
      chmod(sandbox[run], 0o700)
      chmod(sandbox["\(run)/steps"], 0o700)
    }
    try sandbox.start(Self.run).finish().expect(0)
    #expect(vm.runs.count == 100)
    #expect(vm.runs.first == "20250101T000000Z-0152")
  }
}
