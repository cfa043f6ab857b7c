package import Foundation
package import PlanLanguage

/// One plan file kept with the tests.
package struct Fixture: CustomStringConvertible, Sendable {
  /// The file's name without its folder.
  package let name: String
  package let path: String

  package var description: String { name }

  /// Its text.
  package func source() throws -> SourceFile {
    let data = try Data(contentsOf: URL(filePath: path))
    return SourceFile(id: FileID(0), name: name, bytes: Array(data))
  }

  /// Plans without mistakes.
  package static let good = all(in: "good")
  /// Plans with mistakes, each marked under its place; see ``Markers``.
  package static let bad = all(in: "bad")

  /// Inputs that the fuzzer starts with, including what it found.
  package static let fuzzed = all(in: "../Fuzz/corpus", endingWith: "")
  /// The same for the messages between machines.
  package static let fuzzedWire = all(in: "../Fuzz/wire-corpus", endingWith: "")
  /// The folder of these.
  package static let wireCorpus = folder("../Fuzz/wire-corpus")

  private static func folder(_ name: String) -> URL {
    let here = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return here.appending(path: "Fixtures/\(name)").standardizedFileURL
  }

  private static func all(in folder: String, endingWith suffix: String = ".plan") -> [Fixture] {
    let directory = self.folder(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
      .map { Fixture(name: $0, path: directory.appending(path: $0).path) }
  }
}
