import Execution
import PlanGraph
package import Words

/// Writes a diagram in the language of Graphviz (the DOT language; `dot -Tsvg`).
///
/// Phases are clusters, so Graphviz draws a line around each. Names are quoted, and Graphviz finds
/// no escapes in them. Takes linear time and keeps nothing in memory.
package struct DOTGraph {
  private let picture: Picture

  /// Prepares to write a picture.
  package init(_ picture: Picture) { self.picture = picture }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    let graph = picture.diagram.graph
    let title = picture.overlay.map { "\(graph.planName)\n\($0.words)" } ?? graph.planName
    output.line("digraph \(Self.quoted(graph.planName)) {")
    output.line(
      "  graph [rankdir=LR, label=\(Self.quoted(title)), labelloc=t, fontname=\"sans-serif\"]"
    )
    output.line(
      "  node [shape=box, style=\"rounded,filled\", fillcolor=white, color=\"#5b6878\","
        + " fontname=\"sans-serif\", fontsize=11]"
    )
    output.line("  edge [color=\"#5b6878\", arrowsize=0.6]")
    for section in picture.sections(separator: "\n") {
      if let heading = section.heading {
        output.line("  subgraph cluster_\(section.number) {")
        output.line("    label=\(Self.quoted(heading)); color=\"#c5cdd8\"; fontsize=12")
      }
      let margin = section.heading == nil ? "  " : "    "
      for index in section.boxes { writeBox(index, margin, to: &output) }
      if section.heading != nil { output.line("  }") }
    }
    for link in picture.diagram.links {
      let style = link.isHandler ? " [style=dashed, color=\"#b26a00\"]" : ""
      output.line("  n\(link.from) -> n\(link.to)\(style)")
    }
    output.line("}")
  }

  private func writeBox(_ index: Int, _ margin: String, to output: inout TextOutput) {
    let box = picture.diagram.boxes[index]
    var about: String
    switch box.kind {
    case .join: about = "label=\"\", shape=point, width=0.08"
    case .barrier:
      about = "label=\(Self.quoted(box.title)), shape=box, style=filled, fillcolor=\"#c9d8ec\""
    case .step, .group:
      about = "label=\(Self.quoted(picture.lines(in: box).joined(separator: "\n")))"
      if let state = picture.overlay?.state(of: box.nodes) {
        about += ", fillcolor=\"\(Self.color(state))\""
      } else if box.kind == .step {
        switch picture.fates(box.nodes[0]) {
        case .runs: break
        case .skipped: about += ", style=\"rounded,dashed\", fontcolor=\"#7a8594\""
        case .unknown: about += ", style=\"rounded,filled,dashed\", fillcolor=\"#fffbea\""
        }
      }
    }
    output.line("\(margin)n\(index) [\(about)]")
  }

  static func color(_ state: NodeState) -> String {
    switch state {
    case .succeeded: "#d3efda"
    case .failed: "#f9cfcb"
    case .failedOptional: "#fbe2bd"
    case .running, .backingOff, .asking, .queued, .admitted: "#cfe2fb"
    case .cancelled: "#e4d4f4"
    case .blocked, .waiting: "#e3e6ea"
    case .skipped: "#f6f7f9"
    }
  }

  /// A text between quotes: quotes and backslashes are escaped; a line feed begins a new line.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain { return "\"\(text)\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(drawable(scalar))
      }
    }
    return result + "\""
  }

  /// The character, or U+FFFD if it cannot be shown.
  static func drawable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}",
      "\u{2066}"..."\u{2069}", "\u{FFFE}", "\u{FFFF}":
      "\u{FFFD}"
    default: scalar
    }
  }
}
