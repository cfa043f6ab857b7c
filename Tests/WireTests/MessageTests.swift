import Testing
import Wire
import Words

@Suite("Messages")
struct MessageTests {
  /// Through a payload, a frame and back.
  private func through(_ payload: [UInt8]) throws -> ArraySlice<UInt8> {
    var bytes: [UInt8] = []
    try Frame.append(payload, to: &bytes)
    var reader = FrameReader()
    reader.add(bytes)
    return try #require(try reader.next())
  }

  @Test("to the far end come back as they were", arguments: NearKind.allCases)
  func near(kind: NearKind) throws {
    for message in kind.samples {
      #expect(NearKind(message) == kind)
      #expect(try NearMessage(payload: through(message.payload)) == message)
      #expect(try type(of: message.payload) == kind.rawValue)
    }
  }

  @Test("to the near end come back as they were", arguments: FarKind.allCases)
  func far(kind: FarKind) throws {
    for message in kind.samples {
      #expect(FarKind(message) == kind)
      #expect(try FarMessage(payload: through(message.payload)) == message)
      #expect(try type(of: message.payload) == kind.rawValue)
    }
  }

  private func type(of payload: [UInt8]) throws -> String? {
    guard case .string(let type)? = try JSONReader.read(payload).field("type") else { return nil }
    return type
  }

  @Test("of an unknown kind are none, whatever else they contain")
  func unknownKinds() throws {
    for text in [
      #"{"type":"hullo"}"#, #"{"node":"x","type":""}"#, #"{"type":"Hello","version":1}"#,
    ] {
      #expect(try NearMessage(payload: Array(text.utf8)[...]) == nil)
      #expect(try FarMessage(payload: Array(text.utf8)[...]) == nil)
    }
  }

  @Test(
    "that are none are failures",
    arguments: [
      "", "{}", "[]", "null", "{\"type\":null}", "{\"type\":1}", "{\"type\":\"ping\"", "x",
      "{\"type\":\"ping\"} x", "{\"type\":\"ping\",\"type\":\"ping\"}", "{\"type\":\"\u{0}\"}",
    ]
  )
  func notMessages(text: String) {
    #expect(throws: WireFailure.self) { try NearMessage(payload: Array(text.utf8)[...]) }
    #expect(throws: WireFailure.self) { try FarMessage(payload: Array(text.utf8)[...]) }
  }

  /// What a change of a payload leads to.
  private enum Outcome: Equatable {
    case equal, other
    case failed(String)
  }

  private func near(_ value: JSONValue, _ message: NearMessage) -> Outcome {
    do throws(WireFailure) {
      return try NearMessage(payload: value.bytes[...]) == message ? .equal : .other
    } catch {
      return .failed(error.words)
    }
  }

  private func far(_ value: JSONValue, _ message: FarMessage) -> Outcome {
    do throws(WireFailure) {
      return try FarMessage(payload: value.bytes[...]) == message ? .equal : .other
    } catch {
      return .failed(error.words)
    }
  }

  /// Every sample as JSON, and how a change of it is read.
  private func samples() throws -> [(value: JSONValue, read: (JSONValue) -> Outcome)] {
    try NearKind.allSamples.map { message in
      (try JSONReader.read(message.payload), { near($0, message) })
    }
      + FarKind.allSamples.map { message in
        (try JSONReader.read(message.payload), { far($0, message) })
      }
  }

  @Test("may have more fields")
  func unknownFields() throws {
    for (value, read) in try samples() {
      for path in value.paths where path.last == .field("type") || path.count > 1 {
        // The facts of a VM have names from outside, and are texts.
        if path.first == .field("facts") { continue }
        guard case .field? = path.last else { continue }
        let more = value.adding(("later", .array([.null])), beside: path)
        #expect(read(more) == .equal, "\(path)")
      }
    }
  }

  @Test("without a field, or with another kind of value in it, are failures that name it")
  func wrongFields() throws {
    let others: [JSONValue] = [
      .bool(true), .number("1"), .number("-1"), .number("1.5"), .number("99999999999999999999"),
      .string("x"), .array([]), .array([.null]), .array([.string("x")]), .object([:]),
    ]
    for (value, read) in try samples() {
      for path in value.paths {
        guard case .field(let name)? = path.last, name != "type" else { continue }
        // A missing field is a failure or says that there is nothing; null is the same.
        let missing = read(value.replacing(path, with: nil))
        // The facts of a VM have names from outside.
        let isFact = path.count == 2 && path[0] == .field("facts")
        #expect(isFact || read(value.replacing(path, with: .null)) == missing, "\(path)")
        if case .failed(let words) = missing { #expect(words.contains("'\(name)'"), "\(words)") }
        let old = value.at(path)
        for other in others where other.kindWords != old?.kindWords {
          if case .failed(let words) = read(value.replacing(path, with: other)) {
            #expect(words.contains(name), "\(path) \(other): \(words)")
          } else {
            // One that may be text or missing may be any text.
            #expect(old == .null && other == .string("x"), "\(path): \(other)")
          }
        }
      }
    }
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as JSON.
  package var description: String { String(decoding: bytes, as: UTF8.self) }
}
