import TestSupport
import Testing
import Words

/// Text is broken into lines that are not too long.
@Suite("Wrapped text") struct WrappingTests {
  @Test("a word that is too long has its own line, and no line ends with blanks")
  func aWordThatIsTooLongHasItsOwnLine() {
    #expect(wrapped("", width: 5) == [])
    #expect(wrapped("one two", width: 7) == ["one two"])
    #expect(wrapped("one two", width: 6) == ["one", "two"])
    #expect(wrapped("one two", width: 7, after: 1) == ["one", "two"])
    #expect(wrapped("a muchtoolong b", width: 4) == ["a", "muchtoolong", "b"])
    #expect(wrapped("a  b", width: 4) == ["a  b"])
    #expect(wrapped("  abc   def ", width: 4) == ["abc", "def"])
  }

  /// ASCII text is measured in bytes, and any other text in columns.
  @Test("ASCII text and other text are wrapped in the same way")
  func asciiAndOtherTextAreWrappedAlike() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<2000 {
      let text = String(
        (0..<Int.random(in: 0...60, using: &random)).map { _ in
          Int.random(in: 0...3, using: &random) == 0 ? " " : "e" as Character
        }
      )
      let width = Int.random(in: 1...20, using: &random)
      let head = Int.random(in: 0...10, using: &random)
      let other = String(text.map { $0 == "e" ? "é" : $0 })
      #expect(
        wrapped(text, width: width, after: head)
          == wrapped(other, width: width, after: head).map { line in
            String(line.map { $0 == "é" ? "e" : $0 })
          },
        "\(text), \(width), \(head)"
      )
    }
  }
}
