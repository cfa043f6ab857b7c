import CHolder
import Clock
import Glibc

/// The contents of a held command's record.
struct HeldRecordContents: Hashable {
  /// The boot of the machine in which it was created.
  var boot: String
  /// The process of the holder that created it.
  var holder: pid_t
  /// When it was created.
  var began: Instant
  /// The command's process, if it was started and recorded.
  var command: RecordedStart?
  /// How the command ended, and whether it had timed out.
  var end: (HeldCommandEnd, byTimeout: Bool)? {
    ending.map { ($0, endedByTimeout) }
  }
  /// Whether nothing was started, and nothing will be.
  private(set) var isWithdrawn = false
  private var ending: HeldCommandEnd?
  private var endedByTimeout = false

  /// Reads the lines of a record.
  ///
  /// Reading stops at the first line that is incomplete, or whose checksum of everything before it
  /// is wrong. If that is the very first line, this is nil.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: the name that the record must have.
  init?(_ bytes: [UInt8], name: String) {
    var lines = Self.soundLines(bytes)[...]
    guard let first = lines.popFirst(), first.count == 6, first[0] == "held", first[1] == "1",
      first[2] == name, let holder = pid_t(first[4]), let began = Int64(first[5])
    else { return nil }
    boot = String(first[3])
    self.holder = holder
    self.began = Instant(nanoseconds: began)
    if let line = lines.first, line.count == 3, line[0] == "command", let process = pid_t(line[1]),
      let moment = Int64(line[2])
    {
      lines.removeFirst()
      command = RecordedStart(
        boot: boot,
        asked: self.began,
        process: RecordedStart.Process(process, recorded: Instant(nanoseconds: moment))
      )
    }
    if let line = lines.first, line.count >= 3, line[0] == "end", let number = Int32(line[2]) {
      switch line[1] {
      case "exited": ending = .exited(number)
      case "signalled": ending = .signalled(number)
      case "failed": ending = .notStarted(number)
      case "withdrawn": isWithdrawn = true
      default: return
      }
      endedByTimeout = line.count == 4 && line[3] == "timeout"
    }
  }

  /// The words of each line, without the checksum, up to the first line that is not sound.
  private static func soundLines(_ bytes: [UInt8]) -> [[Substring]] {
    let mark = Array(" sum=".utf8)
    var result: [[Substring]] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let sumStart = end - 8
      let textEnd = sumStart - mark.count
      guard textEnd > start, bytes[textEnd..<sumStart].elementsEqual(mark) else { break }
      let sum = bytes.withUnsafeBytes { holder_checksum($0.baseAddress, textEnd) }
      guard bytes[sumStart..<end].elementsEqual(digits(sum)) else { break }
      let text = String(decoding: bytes[start..<textEnd], as: UTF8.self)
      result.append(text.split(separator: " ", omittingEmptySubsequences: false))
      start = end + 1
    }
    return result
  }

  /// Eight hexadecimal digits in their only spelling.
  private static func digits(_ sum: UInt32) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return (0..<8).map { digits[Int(sum >> (28 - 4 * $0) & 0xF)] }
  }
}
