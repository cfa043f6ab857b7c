import Execution
package import PlanGraph
import PlanLanguage
package import Words

/// Writes a diagram as a flowchart of Mermaid, as the pages of code hosts draw it.
///
/// Everything that is not plain stands as an entity code (`#34;`), so that no name can be taken for
/// markup, a link or the end of a label.
package struct MermaidChart {
  private let diagram: Diagram
  private let overlay: RunOverlay?
  private let fates: (NodeID) -> StepFate

  /// Prepares to write.
  ///
  /// - Parameters:
  ///   - diagram: what.
  ///   - overlay: a run to colour it with; nil for none.
  ///   - fates: whether a step would run.
  package init(
    _ diagram: Diagram,
    overlay: RunOverlay?,
    fates: @escaping (NodeID) -> StepFate
  ) {
    self.diagram = diagram
    self.overlay = overlay
    self.fates = fates
  }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    let graph = diagram.graph
    output.line("flowchart LR")
    output.line("  %% plan \(Self.comment(graph.planName))")
    if let overlay { output.line("  %% \(Self.comment(overlay.words))") }
    var bySection = [[Int]](repeating: [], count: diagram.sections.count)
    for (index, box) in diagram.boxes.enumerated() { bySection[box.section].append(index) }
    for (number, section) in diagram.sections.enumerated() {
      let isGroup = section.isHeaded
      if isGroup {
        let words = section.note.isEmpty ? section.title : "\(section.title) · \(section.note)"
        output.line("  subgraph s\(number)[\"\(Self.escaped(words))\"]")
      }
      for index in bySection[number] { writeBox(index, isGroup ? "    " : "  ", to: &output) }
      if isGroup { output.line("  end") }
    }
    for link in diagram.links {
      output.line("  n\(link.from) \(link.isHandler ? "-.->" : "-->") n\(link.to)")
    }
    writeClasses(to: &output)
  }

  private func writeBox(_ index: Int, _ margin: String, to output: inout TextOutput) {
    let box = diagram.boxes[index]
    switch box.kind {
    case .join: output.line("\(margin)n\(index)((\" \")):::join")
    case .barrier:
      output.line("\(margin)n\(index)[[\"\(Self.escaped(box.title))\"]]:::barrier")
    case .step, .group:
      let path = diagram.graph.subjects.path(box.subject)
      var lines = [box.kind == .group || path.isEmpty ? box.title : path]
      if box.kind == .step, !path.isEmpty,
        diagram.graph.subjects.scope(box.subject) > .releaseJob
      {
        lines.append(box.title)
      }
      if !box.note.isEmpty { lines.append(box.note) }
      if box.kind == .step, let told = overlay?.words(box.nodes[0]) { lines.append(told) }
      let words = lines.map(Self.escaped).joined(separator: "<br/>")
      let style = style(box).map { ":::\($0)" } ?? ""
      output.line("\(margin)n\(index)(\"\(words)\")\(style)")
    }
  }

  private func style(_ box: Diagram.Box) -> String? {
    if let state = overlay?.state(of: box.nodes) {
      switch state {
      case .failedOptional: return "optional"
      case .waiting: return "blocked"
      default: return state.isEnded ? state.word : "running"
      }
    }
    guard box.kind == .step else { return nil }
    switch fates(box.nodes[0]) {
    case .runs: return nil
    case .skipped: return "skipped"
    case .unknown: return "unknown"
    }
  }

  private func writeClasses(to output: inout TextOutput) {
    output.line("  classDef join fill:#8b99ab,stroke:#8b99ab")
    output.line("  classDef barrier fill:#c9d8ec,stroke:#3d5a80,color:#16202b")
    output.line("  classDef skipped stroke-dasharray:2 3,color:#7a8594")
    output.line("  classDef unknown fill:#fffbea,stroke:#b08b00,stroke-dasharray:5 3,color:#16202b")
    if overlay == nil { return }
    let states: [(String, NodeState)] = [
      ("succeeded", .succeeded), ("failed", .failed), ("optional", .failedOptional),
      ("running", .running), ("cancelled", .cancelled), ("blocked", .blocked),
    ]
    for (name, state) in states {
      output.line("  classDef \(name) fill:\(DOTGraph.color(state)),color:#16202b")
    }
  }

  /// A text that is a label and nothing else.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", "-", "_", "/", ".", ",", ":", "·", "≤", "↻", "…":
        result.unicodeScalars.append(scalar)
      case "\n": result += " "
      default: result += "#\(DOTGraph.drawable(scalar).value);"
      }
    }
    return result
  }

  /// A text that stays a comment.
  private static func comment(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { DOTGraph.drawable($0) }))
      .split(separator: "%%", omittingEmptySubsequences: false).joined(separator: "% %")
  }
}
