/// How many columns of a terminal a text takes that has no control characters.
package func columns(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

/// Breaks words into lines of at most `width` columns; a word that is wider has a line of its own.
///
/// - Parameters:
///   - words: without line breaks; several blanks in a row are kept where no line is broken.
///   - width: of every line.
///   - head: how many columns of the first line are taken already.
/// - Returns: the lines, at least one unless there are no words.
package func wrapped(_ words: String, width: Int, after head: Int = 0) -> [String] {
  let bytes = words.utf8
  if bytes.isEmpty { return [] }
  // Most texts fit, and a dry-run has millions of them.
  let space = UInt8(ascii: " ")
  if bytes.first != space, bytes.last != space, head + columns(words) <= width { return [words] }
  if bytes.allSatisfy({ $0 >= space && $0 < 0x7F }) {
    var words = words
    return words.withUTF8 { wrappedBytes($0, width: width, after: head) }
  }
  var lines: [String] = []
  var current = ""
  var used = head
  var isEmpty = true
  for word in words.split(separator: " ", omittingEmptySubsequences: false) {
    let length = columns(String(word))
    if !isEmpty, used + 1 + length > width {
      while current.hasSuffix(" ") { current.removeLast() }
      lines.append(current)
      current = ""
      used = 0
      isEmpty = true
    }
    if isEmpty, word.isEmpty { continue }
    if !isEmpty {
      current += " "
      used += 1
    }
    current += word
    used += length
    isEmpty = false
  }
  while current.hasSuffix(" ") { current.removeLast() }
  if !current.isEmpty { lines.append(current) }
  return lines
}

/// As `wrapped`, for bytes of one column each.
private func wrappedBytes(_ bytes: UnsafeBufferPointer<UInt8>, width: Int, after head: Int)
  -> [String]
{
  let space = UInt8(ascii: " ")
  var lines: [String] = []
  /// What is in the present line so far; empty before its first word.
  var line = 0..<0
  var used = head
  func endLine() {
    var end = line.upperBound
    while end > line.lowerBound, bytes[end - 1] == space { end -= 1 }
    if end > line.lowerBound {
      lines.append(String(decoding: bytes[line.lowerBound..<end], as: UTF8.self))
    }
  }
  var start = 0
  while start <= bytes.count {
    let end = bytes[start...].firstIndex(of: space) ?? bytes.count
    if !line.isEmpty, used + 1 + end - start > width {
      endLine()
      line = 0..<0
      used = 0
    }
    if !line.isEmpty {
      used += 1 + end - start
      line = line.lowerBound..<end
    } else if end > start {
      used += end - start
      line = start..<end
    }
    start = end + 1
  }
  endLine()
  return lines
}

/// Text cut in the middle to at most `width` columns.
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
