import Words

/// Where the lines of a control file begin.
struct ControlFileLines {
  private let bytes: [UInt8]
  private let starts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    starts = [0] + bytes.indices.lazy.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  /// The place of an offset in bytes.
  func place(_ offset: Int) -> ControlFilePlace {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    let start = starts[low]
    let end = low + 1 < starts.count ? starts[low + 1] - 1 : bytes.count
    let before = String(decoding: bytes[start..<min(offset, bytes.count)], as: UTF8.self)
    let whole = String(decoding: bytes[start..<max(start, end)].prefix(500), as: UTF8.self)
    let words = whole.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return ControlFilePlace(
      line: low + 1,
      column: before.unicodeScalars.count + 1,
      text: words.count > 80 ? "\(words.prefix(77))..." : words
    )
  }
}
