import Foundation
import PlanLanguage
import TestSupport
import Testing
import Wire
import WireChecks

@Suite("What holds for all bytes on the wire")
struct CorpusTests {
  /// What the fuzzer begins with: for each kind of message, a stream of frames with its samples.
  private static let streams: [(name: String, bytes: [UInt8])] =
    NearKind.allCases.map { ("near-\($0)", stream($0.samples.map(\.payload))) }
    + FarKind.allCases.map { ("far-\($0)", stream($0.samples.map(\.payload))) }
    + [
      (
        "greeting",
        Array("Welcome!\n".utf8) + WireProtocol.greeting
          + stream(FarKind.welcome.samples.map(\.payload))
      )
    ]

  private static func stream(_ payloads: [[UInt8]]) -> [UInt8] {
    payloads.reduce(into: []) { try? Frame.append($1, to: &$0) }
  }

  @Test("the fuzzer begins with every kind of message")
  func beginnings() throws {
    for (name, bytes) in Self.streams {
      let fixture = Fixture.fuzzedWire.first { $0.name == name }
      if let fixture, try fixture.source().bytes == bytes { continue }
      if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
        try Data(bytes).write(to: Fixture.wireCorpus.appending(path: name))
        Issue.record("recorded anew: \(name)")
      } else {
        Issue.record("\(name) is not as the messages are now; LOCKSTEP_RECORD=1 writes it")
      }
    }
  }

  @Test("inputs that the fuzzer starts with", arguments: Fixture.fuzzedWire)
  func inputs(fixture: Fixture) throws {
    #expect(WireChecks.mistake(in: try fixture.source().bytes) == nil)
  }

  @Test("random changes of every kind of message")
  func random() {
    var random = SeededRandom(seed: 5)
    for (name, bytes) in Self.streams {
      for _ in 0..<40 {
        var changed = bytes
        for _ in 0...random.below(4) {
          var mutator = WireMutator(changed, seed: random.next())
          changed = mutator.changed { payload in
            var payload = payload
            if !payload.isEmpty { payload[random.below(payload.count)] = UInt8(random.below(256)) }
            return payload
          }
        }
        let mistake = WireChecks.mistake(in: changed)
        #expect(mistake == nil, "\(name): \(String(decoding: changed, as: UTF8.self))")
      }
    }
  }
}
