import PlanLanguage

/// The text that names steps on a command line: a full name, a part of one, or a pattern with `*`
/// and `?`.
///
/// Full names are `phase:deployment-job/instance/release-job#statement`. A part is a sequence of
/// whole components with their separators: `pre-start` (the phase, or statements of that name),
/// `db/0`, `pre-start:db`, `postgres#pre-start`. In a pattern `*` stands for any characters and `?`
/// for one character; it must match the whole name.
package struct StepPattern: Hashable, Sendable {
  package let text: String
  /// Whether it has a `*` or `?`, so that it may be meant for several steps.
  package let isWild: Bool
  private let bytes: [UInt8]

  /// Makes a pattern.
  package init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    isWild = bytes.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
  }

  /// Whether it names the step with this full name.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    return isWild ? fits(name) : isPart(of: name) || isWithoutSubject(name)
  }

  /// Whether it is the phase and the statement of a step, as printed by a run next to the subject.
  private func isWithoutSubject(_ name: [UInt8]) -> Bool {
    guard let mark = bytes.firstIndex(of: UInt8(ascii: "#")), mark > 0,
      let colon = name.firstIndex(of: UInt8(ascii: ":")),
      let hash = name.firstIndex(of: UInt8(ascii: "#"))
    else { return false }
    return bytes[..<mark] == name[..<colon] && bytes[mark...] == name[hash...]
  }

  private func isPart(of name: [UInt8]) -> Bool {
    guard !bytes.isEmpty, bytes.count <= name.count else { return false }
    for start in 0...(name.count - bytes.count) {
      let end = start + bytes.count
      let beginsWhole = start == 0 || Self.separates(name[start - 1])
      let endsWhole = end == name.count || Self.separates(name[end])
      if beginsWhole, endsWhole, name[start..<end].elementsEqual(bytes) { return true }
    }
    return false
  }

  private static func separates(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "#")
  }

  /// Matches greedily, with one place to go back to.
  ///
  /// The time is at most the product of the lengths.
  private func fits(_ name: [UInt8]) -> Bool {
    var (index, at) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while index < name.count {
      if at < bytes.count, bytes[at] == UInt8(ascii: "*") {
        star = (at, index)
        at += 1
      } else if at < bytes.count, bytes[at] == UInt8(ascii: "?") || bytes[at] == name[index] {
        at += 1
        index += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        at = last.pattern + 1
        index = last.name + 1
      } else {
        return false
      }
    }
    return bytes[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

extension Graph {
  /// All names for steps, each once: full names, the same without statement or subject, and parts.
  private var stepNames: [String] {
    var seen: Set<String> = []
    var names: [String] = []
    func add(_ name: some StringProtocol) {
      if !name.isEmpty, seen.insert(String(name)).inserted { names.append(String(name)) }
    }
    var wholes: [String] = []
    for node in nodes.indices where nodes[node].kind == .step {
      wholes.append(name(node))
    }
    // Short names first: there are only few of them.
    for whole in wholes {
      for part in whole.split(whereSeparator: { ":/#".contains($0) }) { add(part) }
    }
    for whole in wholes {
      let pieces = whole.split(separator: "#", maxSplits: 1)
      guard let place = pieces.first, let phase = place.split(separator: ":").first else {
        continue
      }
      add(place)
      add(place.dropFirst(phase.count + 1))
      if pieces.count > 1 { add("\(phase)#\(pieces[1])") }
    }
    wholes.forEach { add($0) }
    return names
  }

  /// The name of steps that a text was probably meant to be; nil if no name is close enough.
  package func nearestStepName(to text: String) -> String? { nearMiss(text, among: stepNames) }

  /// The steps that a pattern names, ascending.
  package func steps(named pattern: StepPattern) -> [NodeID] {
    nodes.indices.filter { nodes[$0].kind == .step && pattern.matches(name($0)) }
  }
}
