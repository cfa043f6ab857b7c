package import PlanGraph

/// How the log files of a graph's steps are called, before `.stdout.log` and `.stderr.log`.
///
/// A release job's script has BOSH's own name, the script's. Another step has its own name, made fit
/// for a file, behind its phase's where that alone would not tell it from a step of another phase.
package struct StepLogNames: Sendable {
  /// Where the logs of steps go that belong to no release job: a folder beside the release jobs'.
  package static let commonFolder = "lockstep"

  private var stems: [String?] = []

  /// Names the logs of every step of a graph.
  package init(_ graph: Graph) {
    // The scripts have the first claim, because other tools know their logs by these names.
    var owners: [String: Int] = [:]
    var count: [String: Int] = [:]
    var own: [String] = []
    own.reserveCapacity(graph.steps.count)
    stems.reserveCapacity(graph.steps.count)
    for step in graph.steps {
      if case .script(let name) = step.action { owners[name] = -1 }
      if case .drain = step.action { owners["drain"] = -1 }
      let name = Self.hasOwnName(step.action) ? Self.fileName(step.name) : ""
      if !name.isEmpty { count[name, default: 0] += 1 }
      own.append(name)
    }
    for (index, step) in graph.steps.enumerated() {
      switch step.action {
      case .script(let name): stems.append(name)
      case .drain: stems.append("drain")
      case .start, .stop, .unmonitor, .wait(.tcp), .wait(.file): stems.append(nil)
      case .run, .wait(.command):
        var stem = own[index]
        if owners[stem] != nil || count[stem, default: 0] > 1 {
          let phase = graph.items[Int(step.item.index)].name
          stem = Self.fileName("\(phase).\(step.name)")
        }
        var unique = stem
        var number = 2
        while owners[unique] != nil {
          unique = "\(stem).\(number)"
          number += 1
        }
        owners[unique] = index
        stems.append(unique)
      }
    }
  }

  /// The beginning of the names of a step's two logs; nil for a step that has none.
  package func stem(_ template: StepTemplateID) -> String? { stems[Int(template.index)] }

  private static func hasOwnName(_ action: StepAction) -> Bool {
    switch action {
    case .run, .wait(.command): true
    default: false
    }
  }

  /// A step's name with everything that does not belong in a file's name made a `-`.
  ///
  /// - Parameter name: any text.
  /// - Returns: 1 to 100 letters, digits, `-`, `_`, `+` and `.`, the first none of `-` and `.`.
  static func fileName(_ name: String) -> String {
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

  /// Whether nothing in a name has to be changed, which is nearly always so.
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
