import Glibc
import Testing

/// Texts kept with the tests, to compare with what the command prints.
///
/// `LOCKSTEP_RECORD=1 swift test` rewrites them; that run still fails, naming each file.
enum Golden {
  private static let folder: String = {
    let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(here)/Fixtures/EndToEnd"
  }()

  /// Compares a text with the one kept under this name.
  static func expect(
    _ text: String,
    _ name: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let path = "\(folder)/\(name)"
    let kept = FileTree.bytes(path).map { String(decoding: $0, as: UTF8.self) }
    if kept == text { return }
    if variable("LOCKSTEP_RECORD") == "1" {
      try FileTree.makeFolder(folder)
      try Handle(path, O_WRONLY | O_CREAT | O_TRUNC).write(Array(text.utf8))
      Issue.record("recorded \(name); look at the difference", sourceLocation: location)
    } else {
      Issue.record(
        """
        \(name) differs (- kept, + found):
        \(difference(kept ?? "", text))
        to accept what was found: LOCKSTEP_RECORD=1 swift test --filter EndToEnd
        """,
        sourceLocation: location
      )
    }
  }

  /// The lines that are in only one of two texts, in order, with their numbers.
  private static func difference(_ kept: String, _ found: String) -> String {
    let old = kept.split(separator: "\n", omittingEmptySubsequences: false)
    let new = found.split(separator: "\n", omittingEmptySubsequences: false)
    return new.difference(from: old).map { change in
      switch change {
      case .remove(let offset, let line, _): (offset, "\(offset + 1) - \(line)")
      case .insert(let offset, let line, _): (offset, "\(offset + 1) + \(line)")
      }
    }.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: "\n")
  }
}

extension Sandbox {
  /// A text in which the sandbox's path, which differs each time, is replaced with `/sandbox`.
  func settled(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let range = rest.firstRange(of: path) {
      result += rest[..<range.lowerBound] + "/sandbox"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
