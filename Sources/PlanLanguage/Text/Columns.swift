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
