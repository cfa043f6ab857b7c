import CHolder
@testable import Clock
import Execution
import Glibc
@testable import Machine
@testable import System
import Testing

/// Records that a holder does not leave like this: none may report an end that did not happen.
@Suite struct HeldCommandRecordTests {
  let rig: HolderRig
  let bytes: [UInt8]
  /// How many bytes of it are lines.
  let length: Int

  init() throws {
    rig = try HolderRig()
    let holder = try rig.hold("a", "exit 3")
    try #require(rig.wait(holder) == .exited(3))
    bytes = try firstBytes(of: rig.record("a").path, limit: 1024)
    let lastLine = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")) ?? 0
    length = lastLine + 1
    try #require(bytes.count == holder_record_size && length > 100)
  }

  private func state(_ bytes: [UInt8]) -> HeldCommandState {
    rig.vm.write("held/a.held", bytes: bytes, mode: 0o640)
    return rig.state("a")
  }

  @Test func readsAsItIs() {
    #expect(state(bytes) == .ended(.exited(3), byTimeout: false))
    let words = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(words.map { $0.prefix { $0 != " " } } == ["held", "command", "end", ""])
  }

  /// Cut after its last line, it still says how the command ended.
  @Test func aRecordCutAtAnyByteIsNotAnEnd() {
    for count in 0..<length {
      #expect(state(Array(bytes[..<count])) == .lost, "\(count)")
    }
    #expect(state(Array(bytes[..<length])) == .ended(.exited(3), byTimeout: false))
  }

  @Test func aRecordWithAFlippedBitIsNotAnEnd() {
    for index in 0..<length {
      for bit in 0..<8 as Range<UInt8> {
        var damaged = bytes
        damaged[index] ^= 1 << bit
        #expect(HeldRecordContents(damaged, name: "a")?.end == nil, "bit \(bit) of byte \(index)")
      }
    }
  }

  @Test func aRecordWithAZeroedPartIsNotAnEnd() {
    for start in stride(from: 0, to: length, by: 7) {
      var damaged = bytes
      for index in start..<min(start + 7, length) { damaged[index] = 0 }
      #expect(state(damaged) == .lost, "from byte \(start)")
    }
  }

  @Test func aRecordOfAnotherCommandIsNotAnEnd() {
    #expect(state(bytes) != .lost)
    rename(rig.record("a").path, rig.record("b").path)
    #expect(rig.state("b") == .lost)
    #expect(rig.state("a") == .absent)
  }

  @Test func aRecordThatIsNotAFileIsNotAnEnd() {
    rig.vm.makeFolder("held/b.held")
    #expect(rig.state("b") == .lost)
    symlink(rig.record("a").path, rig.record("c").path)
    #expect(rig.state("c") == .lost)
    mkfifo(rig.record("d").path, 0o600)
    #expect(rig.state("d") == .lost)
  }

  /// Another process may have the command's number by then.
  @Test func aCommandOfAnotherBootIsLost() throws {
    let text = "held 1 a 00000000-0000-0000-0000-000000000000 \(getpid()) 1"
    let claim = text + sum(text)
    let command = claim + "command \(getpid()) \(Instant.now.nanoseconds)"
    #expect(state(Array((command + sum(command)).utf8)) == .lost)
  }

  /// An end that was recorded counts in every boot.
  @Test func anEndOfAnotherBootCounts() throws {
    let text = "held 1 a 00000000-0000-0000-0000-000000000000 1 1"
    let end = text + sum(text) + "end signalled 6 timeout"
    #expect(state(Array((end + sum(end)).utf8)) == .ended(.signalled(6), byTimeout: true))
  }

  /// The checksum is gzip's: this is the check value of its catalogue.
  @Test func theChecksumIsTheCommonOne() {
    let sum = Array("123456789".utf8).withUnsafeBytes { holder_checksum($0.baseAddress, $0.count) }
    #expect(sum == 0xCBF4_3926)
  }

  /// The end of a line after this text.
  private func sum(_ text: String) -> String {
    let value = Array(text.utf8).withUnsafeBytes { holder_checksum($0.baseAddress, $0.count) }
    let digits = String(value, radix: 16)
    return " sum=" + String(repeating: "0", count: 8 - digits.count) + digits + "\n"
  }
}
