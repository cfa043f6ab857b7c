import Glibc
import TestSupport
import Testing

/// Journals that were cut off, damaged or replaced.
///
/// Only what they still say counts as done.
@Suite(.waits) struct JournalDamageTests {
  @Test func journalCutAtAnyByteIsSafe() throws {
    let image = try JournalImage()
    // Without these, only the journal says what was done.
    FileTree.remove(image.recordsOfHolders)
    try FileTree.makeFolder(image.recordsOfHolders)
    for count in Rounds.sample(0..<image.bytes.count, 40) {
      try image.write(image.bytes[..<count])
      let finished = try image.explain()
      expect(finished, image, records: image.records(in: count), "cut to \(count) bytes")
    }
  }

  @Test(arguments: [0x01, 0x20, 0x80] as [UInt8])
  func journalWithAnyByteFlippedIsSafe(bits: UInt8) throws {
    let image = try JournalImage()
    FileTree.remove(image.recordsOfHolders)
    try FileTree.makeFolder(image.recordsOfHolders)
    for index in Rounds.sample(0..<image.bytes.count, 20) {
      var bytes = image.bytes
      bytes[index] ^= bits
      try image.write(bytes)
      let finished = try image.explain()
      let record = image.records(in: index)
      if index == bytes.count - 1 {
        // Without its end, the last record was not written completely.
        expect(finished, image, records: record, "last byte flipped")
      } else {
        #expect(finished.status == .exited(65), "byte \(index)\n\(finished.shown)")
        finished.complains("at byte \(image.starts[record])")
      }
    }
  }

  /// The explanation must match what these records say, or say that they are too few.
  private func expect(
    _ finished: FinishedCommand,
    _ image: JournalImage,
    records: Int,
    _ what: String
  ) {
    let note = "\(what)\n\(finished.shown)"
    if image.isEnough(records) {
      #expect(finished.status == .exited(0), "\(note)")
      #expect(JournalImage.kept(finished) == image.succeeded(in: records), "\(note)")
    } else {
      #expect(finished.status == .exited(3), "\(note)")
      finished.complains("was interrupted before anything was started", "run the plan again")
    }
  }

  /// What was cut off is done again, unless a holder recorded how it ended.
  @Test func lostRecordsAreDoneAgain() throws {
    let records = try JournalImage().starts.count
    for number in Rounds.sample(0..<records + 1, 5) {
      let image = try JournalImage()
      // In the middle of the record.
      let end = number < records ? image.starts[number] + 5 : image.bytes.count
      try image.write(image.bytes[..<end])
      let count = image.records(in: end)
      let finished = try image.world.sandbox.lockstep("resume", "--vm", "vm")
      if !image.isEnough(count) {
        finished.expect(65)
        #expect(image.world.record.count { $0.what == "start" } == 3)
        continue
      }
      finished.expect(0).prints("small succeeded")
      var expected = image.world.rules.map(\.step) + ["last:vm/0#last"]
      if !image.succeeded(in: count).contains(expected[0]) { expected.append(expected[0]) }
      let starts = image.world.record.filter { $0.what == "start" }.map(\.step)
      #expect(starts.sorted() == expected.sorted(), "cut to \(end) bytes\n\(finished.shown)")
    }
  }

  /// After the last record, a file system may leave NULs or the beginning of a record, but not a
  /// whole line.
  @Test func bytesAfterTheLastRecord() throws {
    let image = try JournalImage()
    for rest in ["\0", String(repeating: "\0", count: 5000), "1234", "12345678 16", "123\0\0"] {
      try image.write(image.bytes + Array(rest.utf8))
      let finished = try image.explain().expect(0)
      #expect(JournalImage.kept(finished) == image.succeeded(in: image.starts.count))
    }
    for rest in ["\n", "00000000 1.0 began\n", "\0\0\n", "\0\u{1}"] {
      try image.write(image.bytes + Array(rest.utf8))
      try image.explain().expect(65).complains("is damaged, at byte \(image.bytes.count)")
    }
    try image.write(image.bytes)
    try image.world.sandbox.lockstep("resume", "--vm", "vm").expect(0)
  }

  @Test func otherFilesAreNotJournals() throws {
    let image = try JournalImage()
    let other = JournalImage.firstRecord("lockstep-journal 2")
    #expect(
      JournalImage.firstRecord("lockstep-journal 1") == Array(image.bytes.prefix(other.count))
    )
    let contents: [(bytes: [UInt8], words: String)] = [
      // Holders of this run have left records, so it did begin.
      ([], "ends before the run begins, at byte 0"),
      (Array("hello\n".utf8), "is damaged, at byte 0"),
      (Array("hello".utf8), "ends before the run begins, at byte 0"),
      (Array(repeating: 0, count: 4096), "ends before the run begins, at byte 0"),
      (other + image.bytes.dropFirst(other.count), "this lockstep can read, at byte 0"),
    ]
    for (bytes, words) in contents {
      try image.write(bytes)
      for arguments in [RecordingVM.resume, RecordingVM.resume + ["--explain"]] {
        try image.world.sandbox.start(arguments).finish().expect(65).complains(words)
      }
    }
    let sandbox = image.world.sandbox
    try sandbox.write("elsewhere", bytes: image.bytes)
    let others: [(words: String, make: (String) throws -> Void)] = [
      ("is a folder, not a journal", { try FileTree.makeFolder($0) }),
      ("is a link", { try check(symlink(sandbox["elsewhere"], $0), "symlink") }),
      ("is a named pipe, not a journal", { try FileTree.makeNamedPipe($0) }),
    ]
    for (words, make) in others {
      try image.replace(make)
      for arguments in [RecordingVM.resume, RecordingVM.resume + ["--explain"]] {
        try sandbox.start(arguments).finish().expect(3).complains(words, "nothing was started")
      }
    }
    #expect(image.world.record.count { $0.what == "start" } == 3)
  }
}
