@testable import Machine
import Testing

/// The names of runs.
@Suite struct RunIDTests {
  @Test func readsWhatItWrites() throws {
    for text in ["20261121T075512Z-3fa9", "19700101T000000Z-0000", "20240229T235959Z-ffff"] {
      #expect(try #require(RunID(text)).text == text)
    }
    #expect(RunID("20261121T075512Z-3fa9")?.second == 1_795_247_712)
  }

  @Test(arguments: [
    "", "20261121T075512Z", "20261121T075512Z-3fa", "20261121T075512Z-3fa99",
    "20261121T075512Z-3FA9", "20261121T075512Z-+fa9", "20261121t075512Z-3fa9",
    "20261131T075512Z-3fa9", "20230229T075512Z-3fa9", "20261121T245512Z-3fa9",
    "2026112 T075512Z-3fa9", "99991231T235959Z-3fa9", "2026112١T75512Z-3fa9", "lost+found",
  ])
  func refusesOtherNames(text: String) {
    #expect(RunID(text) == nil)
  }

  @Test func eachIDIsLaterThanTheLast() {
    let first = 1_795_247_712
    var ids: [RunID] = []
    for count in 0..<5000 {
      // Many in one second, then a clock that is set back, then one that continues.
      let second = first + (count < 3000 ? 0 : count < 4000 ? -3600 : count)
      ids.append(RunID.next(after: ids.last, second: second))
    }
    #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    let texts = ids.map(\.text)
    #expect(zip(texts, texts.dropFirst()).allSatisfy { $0 < $1 })
    #expect(texts.map { RunID($0) } == ids)
    #expect(ids.last?.second == first + 4999)
  }
}
