import CLinux
import Glibc
@testable import Journal
@testable import Machine
@testable import System
import Testing
@testable import VM

/// The file of a journal.
@Suite struct JournalFileTests {
  private let vm = TemporaryVM()

  private func state() throws -> RunStore { try RunStore(.at(vm.at("state")), makes: true) }

  @Test func flushedRecordsCanBeRead() throws {
    let (run, file) = try state().makeRun()
    var writer = JournalWriter(file)
    writer.append("one")
    writer.append("two")
    #expect(try JournalReading(run).payloads == [])
    #expect(file.flush())
    writer.append("three")
    #expect(try JournalReading(run).payloads == ["one", "two"])
    #expect(file.synced == 0)
    try file.close()
    let reading = try JournalReading(run)
    #expect(reading.payloads == ["one", "two", "three"])
    #expect(reading.scan.ending == .whole)
    #expect(file.synced == reading.scan.end)
    #expect(file.end == reading.scan.end)
    #expect(file.state == .good)
    #expect(FileStatus(run.journalPath, follow: false)?.mode == S_IFREG | 0o600)
  }

  @Test func spaceIsGivenBack() throws {
    let (run, file) = try state().makeRun()
    var writer = JournalWriter(file)
    writer.append("one")
    try file.close()
    let status = try #require(FileStatus(run.journalPath, follow: false))
    #expect(status.blocks * 512 < JournalFile.reserve)
  }

  @Test(arguments: [true, false])
  func theLoopLearnsTheProgress(isUrgent: Bool) throws {
    let loop = try EventLoop()
    let (_, file) = try state().makeRun()
    var writer = JournalWriter(file)
    var seen = [0]
    try file.watch(on: loop) { seen.append(file.synced) }
    for count in 1...20 {
      writer.append("record \(count)")
      file.flush()
      let end = file.end
      file.requestSync(isUrgent: isUrgent)
      // A later request is not answered sooner.
      if count % 3 == 0 { while file.synced < end { try loop.turn(mayWait: true) } }
    }
    while file.synced < file.end { try loop.turn(mayWait: true) }
    #expect(seen == seen.sorted())
    #expect(seen.last == file.end)
    try file.close()
  }

  @Test func syncWaits() throws {
    let (_, file) = try state().makeRun()
    var writer = JournalWriter(file)
    for count in 1...20 {
      writer.append("record \(count)")
      try file.sync()
      #expect(file.synced == file.end)
    }
    try file.sync()
    try file.close()
  }

  @Test func recordsLongerThanTheReservedSpace() throws {
    let (run, file) = try state().makeRun()
    var writer = JournalWriter(file)
    for count in 0..<5 {
      writer.append(String(repeating: "\(count)", count: JournalFile.chunk * 2))
      #expect(file.flush())
    }
    try file.close()
    #expect(try JournalReading(run).payloads == writer.payloads)
  }

  @Test func killedAfterAFlush() async throws {
    let path = vm.at("state")
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let (_, file) = try RunStore(.at(path), makes: true).makeRun()
      var writer = JournalWriter(file)
      for count in 1...1000 {
        writer.append("record \(count)")
        file.flush()
      }
      writer.append("not flushed")
      raise(SIGKILL)
    }
    let state = try state()
    let run = try state.open(#require(state.runIDs().first))
    #expect(try JournalReading(run).payloads == (1...1000).map { "record \($0)" })
  }

  @Test func continuesAfterATornRecord() throws {
    let state = try state()
    let (run, file) = try state.makeRun()
    var writer = JournalWriter(file)
    for count in 1...10 { writer.append("record \(count)") }
    try file.close()
    let whole = try JournalReading(run).scan.end
    truncate(run.journalPath, off_t(whole - 3))
    let torn = try JournalReading(run)
    #expect(torn.scan.ending == .torn)
    #expect(torn.payloads == Array(writer.payloads.dropLast()))

    let next = try run.continueJournal(at: torn.scan.end)
    #expect(next.synced == torn.scan.end)
    #expect(try JournalReading(run).scan.ending == .whole)
    var continued = JournalWriter(next)
    continued.framer = torn.scan.framer
    continued.append("after all")
    try next.close()
    let reading = try JournalReading(run)
    #expect(reading.payloads == torn.payloads + ["after all"])
    #expect(reading.scan.ending == .whole)
  }

  @Test func onlyOneProcessContinuesARun() throws {
    let (run, file) = try state().makeRun()
    let refusal = #expect(throws: Problem.self) { _ = try run.continueJournal(at: 0) }
    #expect(refusal?.what == "another process is writing it")
    try file.close()
    try run.continueJournal(at: 0).close()
    #expect(throws: Problem.self) { _ = try run.continueJournal(at: 1) }
  }

  @Test func onlyFilesAreJournals() throws {
    let (run, file) = try state().makeRun()
    try file.close()
    unlink(run.journalPath)
    func refusal() -> String? {
      do {
        _ = try run.readJournal().count
        return nil
      } catch {
        return error.what
      }
    }
    #expect(refusal() == "is not there")
    mkfifo(run.journalPath, 0o600)
    #expect(refusal() == "is a named pipe, not a journal")
    unlink(run.journalPath)
    mkdir(run.journalPath, 0o700)
    #expect(refusal() == "is a folder, not a journal")
    rmdir(run.journalPath)
    vm.write("elsewhere", "")
    symlink(vm.at("elsewhere"), run.journalPath)
    #expect(refusal()?.hasPrefix("is a link") == true)
    #expect(throws: Problem.self) { _ = try run.continueJournal(at: 0) }
  }

  /// Its signals are the main thread's.
  @Test func theThreadTakesNoSignal() async {
    await #expect(processExitsWith: .success) {
      let vm = TemporaryVM()
      let before = try namesInFolder("/proc/self/task")
      let (_, file) = try RunStore(.at(vm.at("state")), makes: true).makeRun()
      let made = try namesInFolder("/proc/self/task").filter { !before.contains($0) }
      let masks = try made.compactMap { task in
        let status = String(
          decoding: try firstBytes(of: "/proc/self/task/\(task)/status", limit: 1 << 16),
          as: UTF8.self
        )
        return status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
          .flatMap { UInt64($0.split(separator: "\t")[1], radix: 16) }
      }
      let all = (1...31 as ClosedRange<UInt64>).filter { $0 != 9 && $0 != 19 }
        .reduce(UInt64(0)) { $0 | 1 << ($1 - 1) }
      precondition(masks.contains { $0 & all == all }, "\(masks)")
      try file.close()
      // The thread is gone.
      precondition(made.contains { access("/proc/self/task/\($0)", F_OK) != 0 })
    }
  }
}
