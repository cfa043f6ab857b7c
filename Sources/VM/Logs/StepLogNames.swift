package import PlanGraph

/// How the log files of a graph's steps are called, before `.stdout.log` and `.stderr.log`.
///
/// The logs of a release job's script have BOSH's name, which is the script's. Those of another
/// step have the step's name, adapted for a file, with its phase in front if another phase has a
/// step of the same name.
package struct StepLogNames: Sendable {
  /// The folder for logs of steps without a release job, next to those of release jobs.
  package static let commonFolder = "lockstep"

  private var stems: Table<StepTemplateID, String?> = []

  /// Takes names that were made elsewhere, where the whole plan is known.
  package init(stems: Table<StepTemplateID, String?>) { self.stems = stems }

  /// Names the logs of every step of a graph.
  package init(_ graph: Graph) {
    // The scripts have the first claim, because other tools know their logs by these names.
    var scripts: Set<String> = []
    var own = NameIndex(capacity: graph.steps.count)
    stems.reserveCapacity(graph.steps.count)
    for id in graph.steps.indices {
      switch graph.steps[id].action {
      case .script(let name):
        scripts.insert(name)
        stems.append(name)
      case .drain:
        scripts.insert("drain")
        stems.append("drain")
      case .start, .stop, .startUnits, .stopUnits, .unmonitor, .wait(.tcp), .wait(.file):
        stems.append(nil)
      case .run, .wait(.command):
        stems.append(Self.fileName(graph.steps[id].name))
        // One statement of the plan has one name, even if facts make its texts differ.
        if graph.statement(id) == id { own.insert(id, stems) }
      }
    }
    // Names with a phase in front or a number at the end: few, and not known from the step itself.
    var others: Set<String> = []
    for id in graph.steps.indices {
      switch graph.steps[id].action {
      case .script, .drain, .start, .stop, .startUnits, .stopUnits, .unmonitor, .wait(.tcp),
        .wait(.file):
        continue
      case .run, .wait(.command): break
      }
      let first = graph.statement(id)
      if first != id {
        stems[id] = stems[first]
        continue
      }
      guard let name = stems[id] else { continue }
      func isTaken(_ name: String) -> Bool {
        scripts.contains(name) || others.contains(name) || own.hasName(name, before: id, stems)
      }
      let isOwn = !own.isRepeated(id) && !scripts.contains(name) && !others.contains(name)
      if isOwn { continue }
      let phase = graph.items[graph.steps[id].item].name
      let stem = Self.fileName("\(phase).\(graph.steps[id].name)")
      var unique = stem
      var number = 2
      while isTaken(unique) {
        unique = "\(stem).\(number)"
        number += 1
      }
      if unique == name { continue }
      stems[id] = unique
      others.insert(unique)
    }
  }

  /// The beginning of the names of a step's two logs; nil for a step that has none.
  package func stem(_ template: StepTemplateID) -> String? { stems[template] }

  /// A step's name with everything that does not belong in a file's name made a `-`.
  ///
  /// - Parameter name: any text.
  /// - Returns: 1 to 100 letters, digits, `-`, `_`, `+` and `.`, not beginning with `-` or `.`.
  package static func fileName(_ name: String) -> String {
    if isFileName(name) { return name }
    var result = ""
    for scalar in name.unicodeScalars {
      if result.utf8.count == 100 { break }
      switch scalar {
      case "0"..."9", "A"..."Z", "a"..."z", "_", "+": result.unicodeScalars.append(scalar)
      case ".": if !result.isEmpty, !result.hasSuffix(".") { result.append(".") }
      default: if !result.isEmpty, !result.hasSuffix("-") { result.append("-") }
      }
    }
    while result.hasSuffix("-") || result.hasSuffix(".") { result.removeLast() }
    return result.isEmpty ? "step" : result
  }

  /// Whether a name needs no change, which is nearly always so.
  private static func isFileName(_ name: String) -> Bool {
    var last = UInt8(ascii: "-")
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "+"):
        break
      case UInt8(ascii: "."), UInt8(ascii: "-"):
        if last == UInt8(ascii: ".") || last == UInt8(ascii: "-") { return false }
      default: return false
      }
      last = byte
    }
    return name.utf8.count <= 100 && last != UInt8(ascii: "-") && last != UInt8(ascii: ".")
  }
}
