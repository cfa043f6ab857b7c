import Execution
import PlanGraph
package import Words

/// Writes a diagram as a Mermaid flowchart, which code hosts draw on their pages.
///
/// Every character that is not plain is written as an entity code (`#34;`), so that Mermaid takes
/// no name for markup, a link or the end of a label.
package struct MermaidChart {
  private let picture: Picture

  /// Prepares to write a picture.
  package init(_ picture: Picture) { self.picture = picture }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    let graph = picture.diagram.graph
    output.line("flowchart LR")
    output.line("  %% plan \(Self.comment(graph.planName))")
    if let overlay = picture.overlay { output.line("  %% \(Self.comment(overlay.words))") }
    for section in picture.sections(separator: " · ") {
      if let heading = section.heading {
        output.line("  subgraph s\(section.number)[\"\(Self.escaped(heading))\"]")
      }
      let margin = section.heading == nil ? "  " : "    "
      for index in section.boxes { writeBox(index, margin, to: &output) }
      if section.heading != nil { output.line("  end") }
    }
    for link in picture.diagram.links {
      output.line("  n\(link.from) \(link.isHandler ? "-.->" : "-->") n\(link.to)")
    }
    writeClasses(to: &output)
  }

  private func writeBox(_ index: Int, _ margin: String, to output: inout TextOutput) {
    let box = picture.diagram.boxes[index]
    switch box.kind {
    case .join: output.line("\(margin)n\(index)((\" \")):::join")
    case .barrier:
      output.line("\(margin)n\(index)[[\"\(Self.escaped(box.title))\"]]:::barrier")
    case .step, .group:
      let words = picture.lines(in: box).map(Self.escaped).joined(separator: "<br/>")
      let style = style(box).map { ":::\($0)" } ?? ""
      output.line("\(margin)n\(index)(\"\(words)\")\(style)")
    }
  }

  private func style(_ box: Diagram.Box) -> String? {
    if let state = picture.overlay?.state(of: box.nodes) {
      switch state {
      case .failedOptional: return "optional"
      case .waiting: return "blocked"
      default: return state.isEnded ? state.word : "running"
      }
    }
    guard box.kind == .step else { return nil }
    switch picture.fates(box.nodes[0]) {
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
    if picture.overlay == nil { return }
    let states: [(String, NodeState)] = [
      ("succeeded", .succeeded), ("failed", .failed), ("optional", .failedOptional),
      ("running", .running), ("cancelled", .cancelled), ("blocked", .blocked),
    ]
    for (name, state) in states {
      output.line("  classDef \(name) fill:\(DOTGraph.color(state)),color:#16202b")
    }
  }

  /// A text that can only be a label.
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

  /// A text that cannot end the comment that it is in.
  private static func comment(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { DOTGraph.drawable($0) }))
      .split(separator: "%%", omittingEmptySubsequences: false).joined(separator: "% %")
  }
}
