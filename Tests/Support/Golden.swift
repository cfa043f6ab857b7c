import Foundation

/// Text kept next to a fixture, which a test's output must equal.
package enum Golden {
  /// Compares text with the golden of a fixture.
  ///
  /// With `LOCKSTEP_RECORD=1` the golden is rewritten. That counts as a difference too, so no
  /// recording run passes.
  /// - Parameters:
  ///   - text: what was made.
  ///   - fixture: the plan that it was made from.
  ///   - kind: the golden's name after the plan's, such as `tree`.
  /// - Returns: a description of the difference; nil if there is none.
  package static func difference(_ text: String, from fixture: Fixture, _ kind: String) -> String? {
    let path = String(fixture.path.dropLast("plan".count)) + kind
    let kept = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self)
    }
    if kept == text { return nil }
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      let isWritten = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
      return isWritten ? "recorded anew: \(path)" : "cannot write \(path)"
    }
    guard let kept else { return "no golden \(path); LOCKSTEP_RECORD=1 swift test writes it" }
    return "\(path) differs; LOCKSTEP_RECORD=1 swift test accepts this:\n"
      + lineDifference(kept, text)
  }

  /// The goldens of a kind that no plan belongs to.
  package static func orphans(beside fixtures: [Fixture], _ kinds: [String]) -> [String] {
    guard let first = fixtures.first else { return [] }
    let folder = URL(filePath: first.path).deletingLastPathComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let stems = Set(fixtures.map { String($0.name.dropLast(".plan".count)) })
    return names.filter { name in
      guard let kind = kinds.first(where: { name.hasSuffix("." + $0) }) else { return false }
      return !stems.contains(String(name.dropLast(kind.count + 1)))
    }
  }

  /// The lines that differ, the kept ones marked `-` and the new ones `+`.
  private static func lineDifference(_ kept: String, _ new: String) -> String {
    let left = kept.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let right = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var lines: [(Int, String)] = []
    for change in right.difference(from: left) {
      switch change {
      case .remove(let offset, let line, _): lines.append((offset, "- \(offset + 1): \(line)"))
      case .insert(let offset, let line, _): lines.append((offset, "+ \(offset + 1): \(line)"))
      }
    }
    return lines.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: "\n")
  }
}
