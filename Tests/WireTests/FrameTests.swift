import TestSupport
import Testing
import Wire

@Suite("Frames")
struct FrameTests {
  private let payloads: [[UInt8]] = [
    Array("{\"type\":\"ping\"}".utf8), [], Array(repeating: 0x7B, count: 300), [0],
  ]

  private func stream() throws -> [UInt8] {
    var bytes: [UInt8] = []
    for payload in payloads { try Frame.append(payload, to: &bytes) }
    return bytes
  }

  private func taken(_ reader: inout FrameReader) throws -> [[UInt8]] {
    var taken: [[UInt8]] = []
    while let payload = try reader.next() { taken.append(Array(payload)) }
    return taken
  }

  @Test("have a length and CRC-32C in front, highest byte first")
  func layout() throws {
    var bytes: [UInt8] = [1]
    // The check value of CRC-32C (RFC 3720, B.4).
    try Frame.append(Array("123456789".utf8), to: &bytes)
    #expect(bytes == [1, 0, 0, 0, 9, 0xE3, 0x06, 0x92, 0x83] + Array("123456789".utf8))
  }

  @Test("come whole wherever the stream is cut")
  func cut() throws {
    let bytes = try stream()
    for place in 0...bytes.count {
      var reader = FrameReader()
      reader.add(bytes[..<place])
      var found = try taken(&reader)
      reader.add(bytes[place...])
      found += try taken(&reader)
      #expect(found == payloads)
      #expect(reader.pending == 0)
    }
    var reader = FrameReader()
    var found: [[UInt8]] = []
    for byte in bytes {
      reader.add([byte])
      found += try taken(&reader)
    }
    #expect(found == payloads)
  }

  @Test("several in one piece, and half a frame")
  func pieces() throws {
    let bytes = try stream()
    var reader = FrameReader()
    reader.add(bytes + bytes.dropLast())
    #expect(try taken(&reader) == payloads + payloads.dropLast())
    #expect(reader.pending == Array(bytes.suffix(9)).count - 1)
    #expect(try reader.next() == nil)
  }

  @Test("with any bit changed are failures, or wait for more")
  func damage() throws {
    var bytes: [UInt8] = []
    try Frame.append(Array("{\"type\":\"ping\"}".utf8), to: &bytes)
    for index in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[index] ^= 1 << UInt8(bit)
        var reader = FrameReader()
        reader.add(damaged)
        do throws(WireFailure) {
          let payload = try reader.next()
          // A longer length waits for bytes that do not come.
          #expect(payload == nil && index < 4)
        } catch {
          #expect(reader.pending == 0)
          // Nothing follows a failure, whatever comes.
          reader.add(bytes)
          #expect(throws: error) { try reader.next() }
        }
      }
    }
  }

  @Test("that are too long are failures as soon as their length is there")
  func tooLong() throws {
    let most = WireProtocol.mostPayload
    var bytes: [UInt8] = []
    try Frame.append(Array(repeating: 1, count: most), to: &bytes)
    var reader = FrameReader()
    reader.add(bytes)
    #expect(try reader.next()?.count == most)
    let before = bytes.count
    #expect(throws: WireFailure.self) {
      try Frame.append(Array(repeating: 1, count: most + 1), to: &bytes)
    }
    #expect(bytes.count == before)
    let length = UInt32(most + 1)
    var other = FrameReader()
    other.add([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) })
    #expect(try other.next() == nil)
    other.add([0, 0, 0, 0])
    #expect(throws: WireFailure.self) { try other.next() }
  }

  @Test("cut at random are the same, and little is kept")
  func random() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<50 {
      var expected: [[UInt8]] = []
      var bytes: [UInt8] = []
      for _ in 0..<20 {
        let length = random.oneIn(10) ? random.below(200_000) : random.below(200)
        let payload = [UInt8](repeating: UInt8(random.below(256)), count: length)
        expected.append(payload)
        try Frame.append(payload, to: &bytes)
      }
      var reader = FrameReader()
      var found: [[UInt8]] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + 1 + random.below(random.oneIn(2) ? 40_000 : 400))
        reader.add(bytes[start..<end])
        found += try taken(&reader)
        start = end
      }
      #expect(found == expected)
    }
  }
}

@Suite("The greeting")
struct GreetingTests {
  private let greeting = WireProtocol.greeting

  private func rest(_ pieces: [[UInt8]]) throws -> (banner: String, rest: [UInt8]?) {
    var reader = GreetingReader()
    var found: [UInt8]?
    for piece in pieces {
      if found != nil {
        found? += piece
      } else if let rest = try reader.add(piece) {
        found = Array(rest)
      }
    }
    return (String(decoding: reader.banner, as: UTF8.self), found)
  }

  @Test("is found wherever it is cut, with a banner before it and frames behind it")
  func cut() throws {
    let banners = [
      "", "Welcome!\n", "lockstep-wir", "lockstep-wire",
      "lockstep-wire \nlockstep-wirelockstep-wire",
      "\n\n\u{1B}[2J",
    ]
    for banner in banners {
      let bytes = Array(banner.utf8) + greeting + [0, 0, 0, 1, 10]
      for place in 0...bytes.count {
        let found = try rest([Array(bytes[..<place]), Array(bytes[place...])])
        #expect(found.banner == banner)
        #expect(found.rest == [0, 0, 0, 1, 10])
      }
      let found = try rest(bytes.map { [$0] })
      #expect(found.banner == banner && found.rest == [0, 0, 0, 1, 10])
    }
  }

  @Test("is awaited behind a banner of limited length, however that is cut")
  func limit() throws {
    let most = WireProtocol.mostBeforeGreeting
    let banner = [UInt8](repeating: 0x78, count: most)
    #expect(try rest([banner + greeting]).rest == [])
    #expect(try rest([banner, greeting, [1]]).rest == [1])
    for pieces in [[banner + [0x78] + greeting], [banner, [0x78], greeting]] {
      #expect(throws: WireFailure.self) { try rest(pieces) }
    }
    #expect(throws: WireFailure.self) {
      try rest([banner] + Array(repeating: [0x78], count: 100))
    }
    #expect(try rest([banner]).rest == nil)
  }
}
