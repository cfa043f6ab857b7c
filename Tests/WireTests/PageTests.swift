import Foundation
import Testing
import Wire
import Words

/// docs/wire.md has every message and every field, and nothing else.
@Suite("The page of the wire protocol")
struct PageTests {
  /// A row of a table of fields.
  private struct Field: Hashable, CustomStringConvertible {
    var name: String
    var isRequired: String
    var description: String { "\(name) (\(isRequired))" }
  }

  /// A message, and whether bytes can be read as one of its direction.
  private struct Sample {
    var payload: [UInt8]
    var canRead: ([UInt8]) -> Bool
  }

  private let lines: [String]

  init() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/wire.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The fields that the page has for each message of a part.
  private func told(_ heading: String) -> [String: Set<Field>] {
    guard let start = lines.firstIndex(of: "## \(heading)") else { return [:] }
    var told: [String: Set<Field>] = [:]
    var message = ""
    for line in lines[(start + 1)...].prefix(while: { !$0.hasPrefix("## ") }) {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if line.hasPrefix("### ") {
        message = line.split(separator: "`").dropFirst().first.map(String.init) ?? ""
        told[message] = []
      } else if line.hasPrefix("| `"), cells.count == 4 {
        let name = cells[0].trimmingCharacters(in: ["`"])
        told[message]?.insert(Field(name: name, isRequired: cells[2]))
      }
    }
    return told
  }

  /// The name of a path, such as `steps[].node`; nil for one that has no name of its own.
  private func name(_ path: [JSONStep]) -> String? {
    // The facts of a VM have names from outside, and conditions are flat lists.
    if path.count > 1, path.first == .field("facts") { return nil }
    if case .element? = path.last { return nil }
    return path.reduce("") { name, step in
      switch step {
      case .field(let field): name.isEmpty ? field : "\(name).\(field)"
      case .element: "\(name)[]"
      }
    }
  }

  /// The fields of some samples, and whether they are messages without one.
  private func fields(_ samples: [Sample]) throws -> Set<Field> {
    var answers: [String: Set<Bool>] = [:]
    for sample in samples {
      let value = try JSONReader.read(sample.payload)
      for path in value.paths where path != [.field("type")] {
        guard let name = name(path) else { continue }
        answers[name, default: []].insert(sample.canRead(value.replacing(path, with: nil).bytes))
      }
    }
    return Set(
      answers.map { name, canBeMissing in
        Field(
          name: name,
          isRequired: canBeMissing.count > 1 ? "by kind" : canBeMissing == [true] ? "no" : "yes"
        )
      }
    )
  }

  private func compare(_ told: [String: Set<Field>], _ kinds: [(String, Set<Field>)]) {
    #expect(Set(told.keys) == Set(kinds.map(\.0)))
    for (kind, fields) in kinds {
      let page = told[kind] ?? []
      #expect(fields.subtracting(page) == [], "the page lacks these of \(kind)")
      #expect(page.subtracting(fields) == [], "no message of \(kind) is like this")
    }
  }

  @Test("has every message to the far end")
  func near() throws {
    compare(
      told("Messages to the far end"),
      try NearKind.allCases.map { kind in
        let samples = kind.samples.map { message in
          Sample(payload: message.payload) { bytes in
            (try? NearMessage(payload: bytes[...])) != nil
          }
        }
        return (kind.rawValue, try fields(samples))
      }
    )
  }

  @Test("has every message to the near end")
  func far() throws {
    compare(
      told("Messages to the near end"),
      try FarKind.allCases.map { kind in
        let samples = kind.samples.map { message in
          Sample(payload: message.payload) { bytes in
            (try? FarMessage(payload: bytes[...])) != nil
          }
        }
        return (kind.rawValue, try fields(samples))
      }
    )
  }

  @Test("has the limits and the greeting as they are")
  func limits() {
    let text = lines.joined(separator: "\n")
    let greeting = String(decoding: WireProtocol.greeting, as: UTF8.self).dropLast()
    #expect(text.contains("the line `\(greeting)`"))
    #expect(text.contains("This page describes version \(WireProtocol.version)."))
    let most = "\(WireProtocol.mostBeforeGreeting >> 10) KiB"
    #expect(text.contains("| bytes before the greeting | \(most) |"))
    #expect(text.contains("| bytes of a payload | \(WireProtocol.mostPayload >> 20) MiB |"))
    #expect(text.contains("has more | about \(WireProtocol.goodPayload >> 10) KiB |"))
  }
}
