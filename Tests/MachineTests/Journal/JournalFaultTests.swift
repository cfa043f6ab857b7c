import CLinux
import Glibc
@testable import Journal
@testable import Machine
@testable import System
import Testing
@testable import VM

/// What happens to a journal on a faulty disk.
@Suite struct JournalFaultTests {
  private static func device(_ path: String) throws -> JournalFile {
    try JournalFile(
      Descriptor(owning: Glibc.open(path, O_WRONLY | O_CLOEXEC)),
      length: 0,
      path: path
    )
  }

  @Test func aFailedWriteIsTheLast() throws {
    let loop = try EventLoop()
    let file = try Self.device("/dev/full")
    var told: [JournalFile.State] = []
    try file.watch(on: loop) { told.append(file.state) }
    var writer = JournalWriter(file)
    #expect(file.flush())
    writer.append("one")
    #expect(!file.flush())
    let failed = JournalFile.State.failed(SystemError("write /dev/full", number: ENOSPC))
    #expect(file.state == failed)
    #expect(told == [])
    while told.isEmpty { try loop.turn(mayWait: true) }
    #expect(told == [failed])
    writer.append("two")
    #expect(!file.flush())
    #expect(file.end == 0)
    try loop.turn(mayWait: false)
    #expect(told.count == 1)
    #expect(throws: SystemError("write /dev/full", number: ENOSPC)) { try file.close() }
  }

  /// A device that has nothing to sync says EINVAL.
  @Test func aFailedSyncIsTheLast() throws {
    let loop = try EventLoop()
    let file = try Self.device("/dev/null")
    var told: [JournalFile.State] = []
    try file.watch(on: loop) { told.append(file.state) }
    var writer = JournalWriter(file)
    writer.append("one")
    #expect(file.flush())
    file.requestSync(isUrgent: false)
    while told.isEmpty { try loop.turn(mayWait: true) }
    let error = SystemError("sync /dev/null", number: EINVAL)
    #expect(told == [.failed(error)])
    #expect(file.synced == 0)
    writer.append("two")
    #expect(!file.flush())
    file.requestSync(isUrgent: true)
    #expect(throws: error) { try file.sync() }
    #expect(throws: error) { try file.close() }
    #expect(file.synced == 0)
  }

  @Test func aFailedSyncIsReportedToThoseWhoWait() throws {
    let file = try Self.device("/dev/null")
    var writer = JournalWriter(file)
    writer.append("one")
    #expect(throws: SystemError("sync /dev/null", number: EINVAL)) { try file.sync() }
  }

  private struct Filled {
    var run: RunFolder
    /// What was written.
    var kept: [String] = []
    /// How many writes went well after it was said to be low.
    var low = 0
  }

  /// Writes until the disk is full.
  private static func fill(_ state: RunStore) throws -> Filled {
    let (run, file) = try state.makeRun()
    var writer = JournalWriter(file)
    var filled = Filled(run: run)
    let loop = try EventLoop()
    var told: JournalFile.State?
    try file.watch(on: loop) { told = file.state }
    while true {
      // Two at once, and of changing lengths, so that a write ends in the middle of a record.
      for _ in 0..<2 {
        let number = writer.payloads.count
        writer.append("\(number) " + String(repeating: "x", count: number % 997))
      }
      if !file.flush() { break }
      filled.kept = writer.payloads
      if case .low = file.state {
        filled.low += 1
        while told != file.state { try loop.turn(mayWait: true) }
      }
      if filled.kept.count % 256 == 0 { file.requestSync(isUrgent: false) }
    }
    #expect(throws: SystemError.self) { try file.close() }
    // Everything written is on disk, although no more could be written.
    #expect(file.synced == file.end)
    #expect(file.end > 0)
    return filled
  }

  private static func expectKept(_ filled: Filled) throws {
    let reading = try JournalReading(filled.run)
    #expect(reading.scan.ending == .whole)
    // Of the last flush, which failed, one record may be whole.
    #expect(Array(reading.payloads.prefix(filled.kept.count)) == filled.kept)
    #expect(reading.payloads.count - filled.kept.count <= 1)
  }

  @Test(.enabled(if: SmallDisk.works || SmallDisk.isAllRequired, SmallDisk.need))
  func aFullDisk() throws {
    let disk = try SmallDisk(bytes: 3 << 19)
    let state = try RunStore(.at("\(disk.path)/state"), makes: true)
    let filled = try Self.fill(state)
    try Self.expectKept(filled)
    // The announcement was in time: the reserve had room for more records than steps can run.
    #expect(filled.low > 128)

    // Nothing new can begin, and leaves nothing.
    let runs = try namesInFolder("\(disk.path)/state/runs")
    let refusal = #expect(throws: Problem.self) { _ = try state.makeRun() }
    #expect(refusal?.what == "there is no space left for the record of a run")
    #expect(try namesInFolder("\(disk.path)/state/runs") == runs)

    // With space again, it continues where it stopped.
    #expect(mount("tmpfs", disk.path, "tmpfs", 32 /* MS_REMOUNT */, "size=8m") == 0)
    let scan = try JournalReading(filled.run).scan
    let file = try filled.run.continueJournal(at: scan.end)
    file.append { bytes in
      var framer = scan.framer
      framer.append("on and on".utf8, to: &bytes)
    }
    try file.close()
    let reading = try JournalReading(filled.run)
    #expect(reading.payloads.last == "on and on")
    #expect(reading.scan.records == scan.records + 1)
  }

  @Test(.enabled(if: SmallDisk.works || SmallDisk.isAllRequired, SmallDisk.need))
  func aReadOnlyDisk() throws {
    let disk = try SmallDisk(bytes: 8 << 20)
    let place = RunStore.Place.at("\(disk.path)/state")
    func record(_ payload: String) throws -> RunFolder {
      let (run, file) = try RunStore(place, makes: true).makeRun()
      var writer = JournalWriter(file)
      writer.append(payload)
      try file.close()
      return run
    }
    // With a file still open for writing it would not become read-only.
    let run = try record("one")
    try disk.makeReadOnly()
    let readOnly = "is on a read-only file system, but runs are recorded there"
    var refusal = #expect(throws: Problem.self) {
      _ = try RunStore(.at("\(disk.path)/other"), makes: true)
    }
    #expect(refusal?.what == readOnly)
    refusal = #expect(throws: Problem.self) { _ = try record("two") }
    #expect(refusal?.what == readOnly)
    // What exists can be read.
    #expect(try RunStore(place, makes: false).runIDs() == [run.id])
    #expect(try JournalReading(run).payloads == ["one"])
  }

  /// A write over the limit is a short one first, and then EFBIG.
  @Test func aLimitOfTheFileSize() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      for bytes in [1000, 5000, 70_001] as [rlim_t] {
        let vm = TemporaryVM()
        var limit = rlimit(rlim_cur: bytes, rlim_max: rlim_t.max)
        precondition(setrlimit(__rlimit_resource_t(1 /* RLIMIT_FSIZE */), &limit) == 0)
        let filled = try Self.fill(RunStore(.at(vm.at("state")), makes: true))
        limit.rlim_cur = rlim_t.max
        precondition(setrlimit(__rlimit_resource_t(1), &limit) == 0)
        try Self.expectKept(filled)
        let size = try #require(FileStatus(filled.run.journalPath, follow: false)).size
        #expect(size <= bytes && size + 2000 > bytes)
      }
    }
  }
}
