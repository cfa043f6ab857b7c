/// How many columns of a terminal a text without control characters takes.
package func columns(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

/// Text with blanks after it, so that it takes at least `width` columns.
package func padded(_ text: String, to width: Int) -> String {
  let count = columns(text)
  return count >= width ? text : text + String(repeating: " ", count: width - count)
}

/// Text with blanks before it, so that it takes at least `width` columns.
package func flushRight(_ text: String, in width: Int) -> String {
  let count = columns(text)
  return count >= width ? text : String(repeating: " ", count: width - count) + text
}

/// Breaks words into lines of at most `width` columns; a wider word has a line of its own.
///
/// - Parameters:
///   - words: text without line breaks; several blanks in a row are kept within a line.
///   - width: the most columns of a line.
///   - head: how many columns of the first line are already taken.
/// - Returns: the lines, at least one unless there are no words.
package func wrapped(_ words: String, width: Int, after head: Int = 0) -> [String] {
  let bytes = words.utf8
  if bytes.isEmpty { return [] }
  // Most texts fit in one line, and a dry-run has millions of them.
  let space = UInt8(ascii: " ")
  if bytes.first != space, bytes.last != space, head + columns(words) <= width { return [words] }
  if bytes.allSatisfy({ $0 >= space && $0 < 0x7F }) {
    var words = words
    return words.withUTF8 { bytes in
      lines(of: bytes, space, width: width, after: head, length: \.count) {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }
  return lines(of: words, " ", width: width, after: head, length: { columns(String($0)) }) {
    String($0)
  }
}

/// The lines of `wrapped`, for bytes of one column each or for characters.
private func lines<Words: BidirectionalCollection>(
  of words: Words,
  _ space: Words.Element,
  width: Int,
  after head: Int,
  length: (Words.SubSequence) -> Int,
  text: (Words.SubSequence) -> String
) -> [String] where Words.Element: Equatable {
  var lines: [String] = []
  /// What the current line contains so far; nil before its first word.
  var line: Range<Words.Index>?
  var used = head
  func endLine() {
    guard let range = line else { return }
    var end = range.upperBound
    while end > range.lowerBound, words[words.index(before: end)] == space {
      end = words.index(before: end)
    }
    if end > range.lowerBound { lines.append(text(words[range.lowerBound..<end])) }
    line = nil
    used = 0
  }
  var start = words.startIndex
  while true {
    let end = words[start...].firstIndex(of: space) ?? words.endIndex
    let columns = length(words[start..<end])
    if line != nil, used + 1 + columns > width { endLine() }
    if let begun = line {
      used += 1 + columns
      line = begun.lowerBound..<end
    } else if start < end {
      used += columns
      line = start..<end
    }
    if end == words.endIndex { break }
    start = words.index(after: end)
  }
  endLine()
  return lines
}

/// Text of at most `width` columns, with `...` instead of its middle if it is longer.
package func shortened(_ text: String, to width: Int) -> String {
  if columns(text) <= width { return text }
  let scalars = Array(text.unicodeScalars)
  let kept = max(0, width - 3)
  var head = String.UnicodeScalarView()
  var used = 0
  for scalar in scalars {
    let next = used + displayWidth(scalar)
    if next > kept / 2 { break }
    head.append(scalar)
    used = next
  }
  var tail: [Unicode.Scalar] = []
  for scalar in scalars.reversed() {
    let next = used + displayWidth(scalar)
    if next > kept { break }
    tail.append(scalar)
    used = next
  }
  return String(head) + "..." + String(String.UnicodeScalarView(tail.reversed()))
}
