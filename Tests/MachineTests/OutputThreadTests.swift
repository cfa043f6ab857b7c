import Glibc
@testable import System
import Testing

/// Output that is not read, or read late.
@Suite struct OutputThreadTests {
  /// A pipe that has room for one page.
  private final class Pipe {
    let reading: Descriptor
    let writing: Descriptor

    init() throws {
      var ends: [Int32] = [-1, -1]
      #expect(pipe(&ends) == 0)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      // F_SETPIPE_SZ
      #expect(fcntl(ends[1], 1031, 4096) == 4096)
      reading = Descriptor(owning: ends[0])
      writing = Descriptor(owning: ends[1])
    }
  }

  private func line(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

  private static func all(of descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }

  @Test func outputWithoutRoomIsLeftOutAndThisIsReported() throws {
    let pipe = try Pipe()
    let text: String
    do {
      let output = try OutputThread(pipe.writing.number, limit: 2000)
      for number in 0..<10_000 { output.write(line(number)) }
      output.write(Array("report\n".utf8), mayBeLost: false)
      let reader = pipe.reading.number
      let read = Locked("")
      let thread = try HelperThread {
        let all = Self.all(of: reader)
        read.withLock { $0 = all }
      }
      #expect(output.finish() == 0)
      // The reader sees the end when this one is closed, too.
      _ = dup2(pipe.reading.number, pipe.writing.number)
      thread.join()
      text = read.withLock { $0 }
    }
    let lines = text.split(separator: "\n")
    let said = lines.filter { $0.hasSuffix("lines are left out here: they were not read in time") }
    let lost = said.compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
    #expect(lost > 0 && lost + lines.count - said.count == 10_001)
    #expect(lines.first == "line 0")
    #expect(lines.last == "report")
  }

  @Test func noReaderIsAwaitedForever() throws {
    let pipe = try Pipe()
    let output = try OutputThread(pipe.writing.number)
    for number in 0..<10_000 { output.write(line(number)) }
    #expect(output.finish(patience: .milliseconds(20)) == ETIMEDOUT)
    // The thread's current write must end before its descriptor is closed.
    _ = Self.drain(pipe.reading.number, until: "line 9999\n")
  }

  private static func drain(_ descriptor: Int32, until end: String) -> String {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.hasSuffix(end) {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { break }
      text += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return text
  }

  @Test func aReaderThatIsGoneIsNotAwaited() throws {
    signal(SIGPIPE, SIG_IGN)
    let writing: Descriptor
    do {
      let pipe = try Pipe()
      writing = Descriptor(owning: dup(pipe.writing.number))
    }
    let output = try OutputThread(writing.number)
    output.write(line(1))
    #expect(output.finish() == EPIPE)
    output.write(line(2))
    #expect(output.finish() == 0)
  }

  @Test func slowlyReadOutputIsComplete() throws {
    let pipe = try Pipe()
    let output = try OutputThread(pipe.writing.number)
    for number in 0..<2_000 { output.write(line(number)) }
    let text = Self.drain(pipe.reading.number, until: "line 1999\n")
    #expect(output.finish() == 0)
    #expect(text == (0..<2_000).map { "line \($0)\n" }.joined())
  }
}
