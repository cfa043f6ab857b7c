import Testing

/// How a process ended.
enum EndStatus: Hashable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  var description: String {
    switch self {
    case .exited(let status): "exit status \(status)"
    case .signalled(let number): "ended by signal \(number)"
    }
  }
}

/// A command that has ended, and everything it wrote.
struct FinishedCommand {
  var words: String
  var status: EndStatus
  var stdout: [UInt8]
  var stderr: [UInt8]

  /// Standard output as text.
  var out: String { String(decoding: stdout, as: UTF8.self) }
  /// Standard error as text.
  var err: String { String(decoding: stderr, as: UTF8.self) }

  /// Everything, for the message of a test that fails.
  var shown: Comment { "\(words): \(status)\n--- stdout\n\(out)--- stderr\n\(err)---" }

  /// Fails the test unless the command ended with this status.
  @discardableResult
  func expect(
    _ wanted: Int32,
    _ location: SourceLocation = #_sourceLocation
  ) -> FinishedCommand {
    #expect(status == .exited(wanted), shown, sourceLocation: location)
    return self
  }

  /// Fails the test unless standard output contains each of these texts.
  ///
  /// Line breaks do not matter.
  @discardableResult
  func prints(_ texts: String..., at location: SourceLocation = #_sourceLocation) -> FinishedCommand
  {
    let flat = out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for text in texts where !out.contains(text) && !flat.contains(text) {
      Issue.record("standard output lacks '\(text)'\n\(shown)", sourceLocation: location)
    }
    return self
  }

  /// Fails the test unless standard error contains each of these texts.
  ///
  /// Line breaks do not matter.
  @discardableResult
  func complains(
    _ texts: String...,
    at location: SourceLocation = #_sourceLocation
  ) -> FinishedCommand {
    let flat = err.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for text in texts where !err.contains(text) && !flat.contains(text) {
      Issue.record("standard error lacks '\(text)'\n\(shown)", sourceLocation: location)
    }
    return self
  }

  /// Fails the test unless both outputs fit a terminal of 80 columns: valid UTF-8 in whole lines,
  /// no control character (except color sequences where allowed), and no line wider than the
  /// terminal except for a long word such as a path.
  func checkManners(
    mayBeColored: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) {
    for (name, bytes) in [("standard output", stdout), ("standard error", stderr)] {
      let text = String(decoding: bytes, as: UTF8.self)
      if Array(text.utf8) != bytes {
        Issue.record("\(name) is not UTF-8\n\(shown)", sourceLocation: location)
      }
      if !text.isEmpty, !text.hasSuffix("\n") {
        Issue.record("\(name) ends within a line\n\(shown)", sourceLocation: location)
      }
      for line in text.split(separator: "\n") {
        // The common case, which can occur very often.
        if line.utf8.count <= 80, line.utf8.allSatisfy({ (32...126).contains($0) }) { continue }
        let plain = mayBeColored ? withoutColors(String(line)) : String(line)
        if plain.unicodeScalars.contains(where: { $0.value < 32 || (127...159).contains($0.value) })
        {
          Issue.record("control character in '\(line)' of \(name)", sourceLocation: location)
        }
        // A path must be copyable, so it is never cut.
        let longest = plain.split(separator: " ").map(\.unicodeScalars.count).max() ?? 0
        if plain.unicodeScalars.count > 80, longest < 60 {
          Issue.record("wider than 80 columns in \(name): '\(line)'", sourceLocation: location)
        }
      }
    }
  }
}

/// A text without SGR sequences.
func withoutColors(_ text: String) -> String {
  var result = ""
  var isInside = false
  for scalar in text.unicodeScalars {
    if scalar == "\u{1b}" { isInside = true }
    if !isInside { result.unicodeScalars.append(scalar) }
    if scalar == "m" { isInside = false }
  }
  return result
}
