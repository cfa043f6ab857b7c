import Words

/// A frame on the wire: the length of the payload and its CRC-32C, each as four bytes, highest first,
/// and then the payload, which is one JSON object.
package enum Frame {
  static let headerLength = 8

  /// Appends a frame to a buffer.
  ///
  /// - Parameters:
  ///   - payload: at most `WireProtocol.mostPayload` bytes.
  ///   - buffer: its contents stay.
  /// - Throws: that the payload is too long; nothing is appended.
  package static func append(_ payload: [UInt8], to buffer: inout [UInt8]) throws(WireFailure) {
    if payload.count > WireProtocol.mostPayload {
      throw WireFailure(
        "a message of \(payload.count) bytes, and \(WireProtocol.mostPayload) are the most"
      )
    }
    append(UInt32(payload.count), to: &buffer)
    append(checksum(payload[...]), to: &buffer)
    buffer += payload
  }

  private static func append(_ number: UInt32, to buffer: inout [UInt8]) {
    for shift in [24, 16, 8, 0] as [UInt32] {
      buffer.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  static func checksum(_ payload: ArraySlice<UInt8>) -> UInt32 {
    payload.withUnsafeBytes { bytes in
      ~CRC32C.withTables { $0.step(CRC32C.start, bytes) }
    }
  }
}

/// Takes frames out of a stream of bytes.
///
/// It keeps at most one frame and what came with its end. Give it bytes as they come, and take frames
/// until there is none. After a failure nothing more can be taken: where the next frame begins is
/// unknown.
package struct FrameReader: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0
  private var failure: WireFailure?

  /// Makes a reader for a stream from the first byte after the greeting.
  package init() {}

  /// How many bytes came and were not taken yet.
  package var pending: Int { buffer.count - start }

  /// Takes in bytes that came.
  package mutating func add(_ bytes: some Sequence<UInt8>) {
    if start > 0, start == buffer.count || start > WireProtocol.goodPayload {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The payload of the next frame; nil if not all of it is there.
  ///
  /// - Throws: why what came is no frame: it is too long, or its checksum is wrong.
  package mutating func next() throws(WireFailure) -> ArraySlice<UInt8>? {
    if let failure { throw failure }
    guard pending >= Frame.headerLength else { return nil }
    let length = Int(number(at: start))
    if length > WireProtocol.mostPayload {
      throw fail("a frame of \(length) bytes, and \(WireProtocol.mostPayload) are the most")
    }
    let end = start + Frame.headerLength + length
    guard buffer.count >= end else { return nil }
    let payload = buffer[(start + Frame.headerLength)..<end]
    if Frame.checksum(payload) != number(at: start + 4) {
      throw fail("a frame with a wrong checksum")
    }
    start = end
    return payload
  }

  private func number(at place: Int) -> UInt32 {
    buffer[place..<(place + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private mutating func fail(_ words: String) -> WireFailure {
    let failure = WireFailure(words)
    self.failure = failure
    buffer = []
    start = 0
    return failure
  }
}

/// Finds the greeting in what the far end's carrier writes first.
package struct GreetingReader: Sendable {
  /// What came before the greeting; a carrier or a login shell wrote it.
  package private(set) var banner: [UInt8] = []

  /// Makes a reader for the beginning of a stream.
  package init() {}

  /// Takes in bytes that came.
  ///
  /// - Returns: what follows the greeting, once that has come whole; nil before.
  /// - Throws: that too much came before it.
  package mutating func add(_ bytes: [UInt8]) throws(WireFailure) -> ArraySlice<UInt8>? {
    let from = max(0, banner.count - WireProtocol.greeting.count)
    banner += bytes
    if let range = banner[from...].firstRange(of: WireProtocol.greeting),
      range.lowerBound <= WireProtocol.mostBeforeGreeting
    {
      let rest = banner[range.upperBound...]
      banner = Array(banner[..<range.lowerBound])
      return rest
    }
    if banner.count >= WireProtocol.mostBeforeGreeting + WireProtocol.greeting.count {
      throw WireFailure(
        "more than \(WireProtocol.mostBeforeGreeting) bytes came before the greeting"
      )
    }
    return nil
  }
}
