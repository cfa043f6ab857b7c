import Wire

/// Changes a stream of frames so that the result usually is one.
///
/// Bytes that are changed at random nearly always have a wrong checksum, and then nothing looks into
/// the payload.
package struct WireMutator {
  private var state: UInt64
  private var payloads: [[UInt8]]
  /// What follows the last whole frame.
  private let rest: [UInt8]

  /// Takes a stream apart.
  ///
  /// - Parameters:
  ///   - bytes: the stream.
  ///   - seed: equal seeds make equal changes.
  package init(_ bytes: [UInt8], seed: UInt64) {
    state = seed
    payloads = []
    var place = 0
    // Wrong checksums are put right.
    while place + 8 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      if length > bytes.count - place - 8 { break }
      payloads.append(Array(bytes[place + 8..<place + 8 + length]))
      place += 8 + length
    }
    rest = Array(bytes[place...])
    if payloads.isEmpty { payloads = [rest] }
  }

  /// The stream with one change.
  ///
  /// - Parameter mutate: changes some bytes at random.
  /// - Returns: the new stream.
  package mutating func changed(_ mutate: ([UInt8]) -> [UInt8]) -> [UInt8] {
    let index = below(payloads.count)
    switch below(10) {
    case 0, 1: payloads[index] = mutate(payloads[index])
    case 2: payloads.insert(Array(one(of: Self.messages).utf8), at: index)
    case 3: payloads.insert(payloads[below(payloads.count)], at: index)
    case 4: payloads.remove(at: index)
    case 5: payloads.swapAt(index, below(payloads.count))
    case 6: removeToken(of: index)
    default: replaceToken(of: index)
    }
    var bytes: [UInt8] = []
    for payload in payloads { try? Frame.append(payload, to: &bytes) }
    return below(8) == 0 ? bytes + rest : bytes
  }

  /// A number from 0 up to, but not including, `limit`, which is above 0.
  private mutating func below(_ limit: Int) -> Int {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(limit))
  }

  private mutating func one(of texts: [String]) -> String { texts[below(texts.count)] }

  /// The tokens of a payload: strings with their quotes, words and numbers, and single signs.
  private func tokens(of payload: [UInt8]) -> [Range<Int>] {
    var tokens: [Range<Int>] = []
    var place = 0
    while place < payload.count {
      let start = place
      place += 1
      if payload[start] == UInt8(ascii: "\"") {
        while place < payload.count, payload[place] != UInt8(ascii: "\"") {
          place += payload[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        place = min(place + 1, payload.count)
      } else if !"{}[]:,".utf8.contains(payload[start]) {
        while place < payload.count, !"{}[]:,\"".utf8.contains(payload[place]) { place += 1 }
      }
      tokens.append(start..<place)
    }
    return tokens
  }

  private mutating func removeToken(of index: Int) {
    let tokens = tokens(of: payloads[index])
    if tokens.isEmpty { return }
    let first = below(tokens.count)
    let last = min(first + below(4), tokens.count - 1)
    payloads[index].removeSubrange(tokens[first].lowerBound..<tokens[last].upperBound)
  }

  private mutating func replaceToken(of index: Int) {
    let tokens = tokens(of: payloads[index])
    if tokens.isEmpty { return }
    let token = tokens[below(tokens.count)]
    var text = Array(one(of: Self.values).utf8)
    if below(3) == 0 {
      // Another token of the same stream.
      let other = payloads[below(payloads.count)]
      let all = self.tokens(of: other)
      if !all.isEmpty { text = Array(other[all[below(all.count)]]) }
    }
    if below(3) == 0 {
      payloads[index].insert(contentsOf: text, at: token.lowerBound)
    } else {
      payloads[index].replaceSubrange(token, with: text)
    }
  }

  private static let values = [
    "null", "true", "false", "0", "1", "-1", "2", "4294967295", "18446744073709551615", "1e9",
    "1.5",
    "-0", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"Zg==\"", "[]", "{}", "{", "}",
    "[", "]",
    ",", ":", "\"exists\"", "\"not\"", "\"all\",2", "\"any\",0", "\"later\":{},", "\"node\":1,",
    "\"attempt\":1,", "\"run\"", "\"script\"", "\"wait-run\"", "\"deployment\"", "\"release-job\"",
    "\"not-started\"", "\"signalled\"", "\u{FF}",
  ]
  private static let messages = [
    #"{"type":"hello","version":1}"#, #"{"type":"ping"}"#, #"{"type":"pong"}"#,
    #"{"type":"start","node":1,"attempt":1}"#,
    #"{"type":"ended","node":1,"attempt":1,"result":"lost"}"#,
    #"{"type":"ask","node":1,"condition":["not","exists","/x"]}"#,
    #"{"type":"plan","name":"a","subjects":[{"name":"b","parent":0}],"phases":[{"name":"c","scope":"instance"}],"last":false}"#,
    #"{"type":"plan","name":"a","templates":[{"id":1,"name":"x","action":{"kind":"start"},"grace":0,"settle":0,"every":0,"phase":0}],"steps":[{"node":5,"template":1,"subject":1}],"last":true}"#,
    #"{"type":"checked","problems":[{"path":"p","what":"w"}],"scripts":[{"node":1,"digest":2}]}"#,
    #"{"type":"later","x":[{"y":null}]}"#,
  ]
}
