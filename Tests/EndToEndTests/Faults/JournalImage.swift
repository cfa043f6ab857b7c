import Glibc
import Testing

/// The journal of a run that failed in its last step, for tests that damage it.
struct JournalImage {
  let world: RecordingVM
  /// As the run left it.
  let bytes: [UInt8]
  /// Where each record begins.
  let starts: [Int]
  private let path: String
  /// How many records there are before the first event.
  private let headerCount: Int

  /// Runs a plan and reads what it recorded.
  init() throws {
    world = try RecordingVM.small(lastFailures: 1)
    try world.sandbox.start(RecordingVM.run).finish().expect(1)
    let runs = world.sandbox["vm/data/lockstep/runs"]
    let run = try #require(FileTree.names(runs).first)
    path = "\(runs)/\(run)/journal"
    let bytes = try #require(FileTree.bytes(path))
    let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
    let starts = [0] + ends.dropLast().map { $0 + 1 }
    let session = starts.lastIndex { bytes[$0...].dropFirst(9).starts(with: "session".utf8) }
    (self.bytes, self.starts) = (bytes, starts)
    headerCount = 1 + (try #require(session))
  }

  /// Where the holders' records are.
  var recordsOfHolders: String { path.dropLast("journal".count) + "steps" }

  /// Removes the journal.
  func remove() { FileTree.remove(path) }

  /// Replaces it with other bytes.
  func write(_ bytes: some Sequence<UInt8>) throws {
    try Handle(path, O_WRONLY | O_CREAT | O_TRUNC).write(Array(bytes))
  }

  /// Replaces it with something else, made at the given path.
  func replace(_ make: (String) throws -> Void) throws {
    remove()
    try make(path)
  }

  /// How many whole records are in the first `count` bytes.
  func records(in count: Int) -> Int {
    (starts.dropFirst() + [bytes.count]).count { $0 <= count }
  }

  /// Whether this many records are enough to identify the run.
  func isEnough(_ records: Int) -> Bool { records >= headerCount }

  /// The steps that have succeeded according to the first records.
  func succeeded(in records: Int) -> [String] {
    starts.prefix(records).compactMap { start in
      let line = String(
        decoding: bytes[start...].prefix { $0 != UInt8(ascii: "\n") },
        as: UTF8.self
      )
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 8, words[2] == "ended", words[5...6] == ["exited", "0"] else {
        return nil
      }
      return words[7]
    }
  }

  /// What `resume --explain` says.
  func explain() throws -> FinishedCommand {
    try world.sandbox.start(["resume", "--explain", "--vm", "vm"]).finish()
  }

  /// The steps that an explanation says do not run again.
  static func kept(_ explanation: FinishedCommand) -> [String] {
    explanation.out.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      return words.count == 2 && words[0] == "keep" ? words[1] : nil
    }
  }

  /// The first record of a journal: its checksum (CRC-32C, RFC 3720, of four zero bytes and the
  /// text), a space, the text and a line feed.
  static func firstRecord(_ text: String) -> [UInt8] {
    var sum = UInt32.max
    for byte in [0, 0, 0, 0] + Array(text.utf8) {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }
    let digits = String(~sum, radix: 16)
    let zeros = String(repeating: "0", count: 8 - digits.count)
    return Array("\(zeros)\(digits) \(text)\n".utf8)
  }
}
