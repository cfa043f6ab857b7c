import PlanLanguage
import TestSupport
import Testing

@Suite("What holds for every text")
struct PropertyTests {
  static let fixtures = Fixture.good + Fixture.bad

  private func expectSound(
    _ bytes: [UInt8],
    _ what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let broken = brokenInvariants(of: bytes)
    if broken.isEmpty { return }
    let shown = String(decoding: bytes.prefix(2000), as: UTF8.self)
    Issue.record(
      Comment(rawValue: "\(what()): \(broken.joined(separator: "; "))\n\(shown)"),
      sourceLocation: sourceLocation
    )
  }

  @Test("inputs that the fuzzer starts with", arguments: Fixture.fuzzed)
  func inputsOfTheFuzzer(fixture: Fixture) throws {
    expectSound(try fixture.source().bytes, fixture.name)
  }

  @Test("every fixture, and every prefix of it that ends with a token", arguments: fixtures)
  func prefixesOfFixtures(fixture: Fixture) throws {
    let source = try fixture.source()
    expectSound(source.bytes, "all of it")
    for token in tokens(of: source) where !token.kind.isTrivia {
      expectSound(Array(source.bytes[..<Int(token.span.end)]), "up to \(token.span.end)")
    }
  }

  @Test("every prefix of the plan with every construct, byte by byte")
  func everyPrefixOfAPlanIsAMistake() throws {
    let fixture = try #require(Fixture.good.first { $0.name == "everything.plan" })
    let bytes = try fixture.source().bytes
    // Without its final line end, the plan is complete.
    for end in bytes.indices.dropLast() {
      let source = SourceFile(id: FileID(0), name: "p", bytes: Array(bytes[..<end]))
      let result = Parser.parse(source)
      #expect(!result.diagnostics.isEmpty, "up to \(end)")
      // The end is the only mistake, apart from what half a clause lacks.
      #expect(result.diagnostics.count <= 3, "up to \(end)")
    }
  }

  @Test("every token removed, doubled, or swapped with the next one", arguments: Fixture.good)
  func tokenEdits(fixture: Fixture) throws {
    let source = try fixture.source()
    let pieces = tokens(of: source).filter { $0.kind != .endOfFile }
    func text(_ token: Token) -> ArraySlice<UInt8> {
      source.bytes[Int(token.span.start)..<Int(token.span.end)]
    }
    let significant = pieces.indices.filter { !pieces[$0].kind.isTrivia }
    for (position, index) in significant.enumerated() {
      let start = Int(pieces[index].span.start)
      let end = Int(pieces[index].span.end)
      let before = Array(source.bytes[..<start])
      let after = source.bytes[end...]
      expectSound(before + after, "without token \(position)")
      expectSound(
        before + text(pieces[index]) + [0x20] + text(pieces[index]) + after,
        "with token \(position) twice"
      )
      guard position + 1 < significant.count else { continue }
      let next = pieces[significant[position + 1]]
      let between = source.bytes[end..<Int(next.span.start)]
      expectSound(
        before + text(next) + between + text(pieces[index]) + source.bytes[Int(next.span.end)...],
        "with tokens \(position) and \(position + 1) swapped"
      )
    }
  }

  @Test("every token of a bad plan removed", arguments: Fixture.bad)
  func tokensLeftOut(fixture: Fixture) throws {
    let source = try fixture.source()
    for token in tokens(of: source) where !token.kind.isTrivia {
      var bytes = source.bytes
      bytes.removeSubrange(Int(token.span.start)..<Int(token.span.end))
      expectSound(bytes, "without the token at \(token.span.start)")
    }
  }

  @Test("random bytes", arguments: UInt64(0)..<8)
  func randomBytes(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for round in 0..<200 {
      let bytes = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      expectSound(bytes, "seed \(seed), round \(round)")
      expectSound(Array("plan a { ".utf8) + bytes, "seed \(seed), round \(round), in a plan")
    }
  }

  @Test("random tokens", arguments: UInt64(0)..<8)
  func randomTokens(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pieces =
      Word.allCases.map(\.rawValue) + [
        "{", "}", "{", "}", "[", "]", "(", ")", ",", "=", "==", "!=", "<", "<=", ">", ">=", "..",
        "\"x\"", "\"", "\"\\(a)\"", "\"\\q\"", "\"\"\"\n  x\n  \"\"\"", "\"\"\"", "\\(a)", "\\(",
        "5m", "5", "25%", "1.2", "99999999999999999999", "5x", "name", "a.b", "# c\n", "\n", "\n\n",
        "\r\n", "\t", "é", "“", "'", ";", "&&", "||", "!", "//", "\u{a0}", "-1", "\r",
      ]
    for round in 0..<150 {
      var text = random.oneIn(4) ? "" : "plan a {"
      for _ in 0..<random.below(60) {
        text += random.oneIn(5) ? "" : " "
        text += random.pick(pieces)
      }
      expectSound(Array(text.utf8), "seed \(seed), round \(round)")
    }
  }

  @Test("random edits of fixtures", arguments: UInt64(0)..<8)
  func randomEdits(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for round in 0..<60 {
      var bytes = try random.pick(Self.fixtures).source().bytes
      for _ in 0...random.below(6) where !bytes.isEmpty {
        let place = random.below(bytes.count)
        switch random.below(4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(random.pick(Array("{}[]()\"\\#\n ,=.%".utf8)), at: place)
        default:
          let end = min(bytes.count, place + random.below(40))
          bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
        }
      }
      expectSound(bytes, "seed \(seed), round \(round)")
    }
  }
}
