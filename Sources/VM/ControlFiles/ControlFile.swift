import Words

/// What a monit control file declares.
struct ControlFile: Hashable, Sendable {
  /// A check of whatever kind: what has a name, and can be depended on.
  struct Service: Hashable, Sendable {
    var name: String
    var place: ControlFilePlace
    var dependencies: [Dependency] = []
  }

  /// A name behind `depends on`.
  struct Dependency: Hashable, Sendable {
    var name: String
    var place: ControlFilePlace
  }

  /// The processes, in the order of the file.
  var processes: [MonitoredProcess] = []
  /// All checks, in the order of the file.
  var services: [Service] = []
  /// Statements that monit 5.2.5 does not know and later ones do.
  var laterStatements: [ControlFileError] = []
  /// Pid files with a path that is not absolute, which monit refuses.
  var relativePidFiles: [ControlFileError] = []
}

/// A place in a control file.
struct ControlFilePlace: Hashable, Sendable {
  /// Counted from 1.
  var line: Int
  /// In characters, counted from 1.
  var column: Int
  /// The line itself, without the blanks around it.
  var text: String
}

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

/// What is wrong with a control file.
struct ControlFileError: Error, Hashable, Sendable {
  var place: ControlFilePlace
  /// As the end of a sentence that begins with the place.
  var what: String

  /// The place without the file, what is wrong, and the line: `3:20 has 'x', …: 'the line'`.
  var words: String {
    let line = place.text.isEmpty ? "" : ": \(quoted(place.text))"
    return "\(place.line):\(place.column) \(what)\(line)"
  }
}
