import Execution
import PlanGraph
package import Words

/// Draws a picture as SVG (1.1, with style sheets): on its own, or inside a page.
package struct SVGDrawing {
  let picture: Picture
  let layout: DiagramLayout
  private let names: NodeNames

  /// Lays out a picture.
  package init(_ picture: Picture) {
    self.picture = picture
    names = NodeNames(picture.diagram.graph)
    layout = DiagramLayout(picture.diagram)
  }

  var diagram: Diagram { picture.diagram }

  /// Writes it.
  ///
  /// - Parameters:
  ///   - isAlone: whether it is a document of its own or part of an HTML page.
  ///   - output: where to.
  package func write(isAlone: Bool, to output: inout TextOutput) {
    let width = max(layout.width, legendWidth, 640)
    let size = "\(coordinate(width)) \(coordinate(layout.height))"
    let name = diagram.graph.planName
    if isAlone { output.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") }
    output.line(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ls\" id=\"picture\" viewBox=\"0 0 \(size)\""
        + " width=\"\(coordinate(width))\" height=\"\(coordinate(layout.height))\""
        + " role=\"\(isAlone ? "img" : "group")\" aria-label=\"plan \(markup(name))\">"
    )
    if isAlone {
      output.line("<title>plan \(markup(name))</title>")
      output.put("<style>\n\(SVGStyle.sheet)</style>\n")
    }
    output.line(
      "<rect class=\"page\" width=\"\(coordinate(width))\" height=\"\(coordinate(layout.height))\"/>"
    )
    output.line("<g id=\"view\">")
    writeHead(to: &output)
    writeSections(to: &output)
    writeLanes(to: &output)
    writeFrames(to: &output)
    writeLinks(to: &output)
    for index in diagram.boxes.indices { writeBox(index, to: &output) }
    writeLegend(to: &output)
    writeHeadings(to: &output)
    writeLaneNames(to: &output)
    output.line("</g>")
    output.line("</svg>")
  }

  // MARK: Around the boxes

  func text(
    _ x: Double,
    _ y: Double,
    _ style: String,
    _ words: String,
    to output: inout TextOutput
  ) {
    output.line(
      "<text class=\"\(style)\" x=\"\(coordinate(x))\" y=\"\(coordinate(y))\">\(markup(words))</text>"
    )
  }

  private func writeHead(to output: inout TextOutput) {
    let graph = diagram.graph
    text(16, 30, "title", graph.planName, to: &output)
    let barriers = graph.nodes.reduce(0) { $0 + ($1.kind == .barrier ? 1 : 0) }
    var words = "\(counted(graph.stepCount, "step")), \(counted(barriers, "barrier"))"
    switch diagram.fold {
    case .none: break
    case .instance: words += "; a box for each phase on each instance"
    case .deploymentJob: words += "; a box for each phase on each deployment job"
    case .phase: words += "; a box for each phase"
    }
    if diagram.hidesOrder {
      words += "; the order of deployment jobs is not shown"
    }
    text(16, 50, "sub", words, to: &output)
    if let overlay = picture.overlay { text(16, 66, "sub", overlay.words, to: &output) }
  }

  private func writeSections(to output: inout TextOutput) {
    var shown = 0
    for (index, section) in diagram.sections.enumerated() {
      let (x, right) = layout.sections[index]
      if !section.isHeaded { continue }
      shown += 1
      if shown % 2 == 1 {
        output.line(
          "<rect class=\"band\" x=\"\(coordinate(x))\" y=\"\(coordinate(layout.top - 34))\""
            + " width=\"\(coordinate(right - x))\""
            + " height=\"\(coordinate(layout.bottom - layout.top + 42))\" rx=\"6\"/>"
        )
      }
    }
  }

  private func writeLanes(to output: inout TextOutput) {
    for (index, lane) in layout.lanes.enumerated() {
      let isLast = index + 1 == layout.lanes.count
      if isLast { continue }
      output.line(
        "<line class=\"lane\" x1=\"16\" x2=\"\(coordinate(layout.width - 16))\""
          + " y1=\"\(coordinate(lane.bottom))\" y2=\"\(coordinate(lane.bottom))\"/>"
      )
    }
  }

  private func writeFrames(to output: inout TextOutput) {
    for (index, frame) in diagram.frames.enumerated() {
      let place = layout.frames[index]
      let handler = frame.isHandler ? " fh" : ""
      output.line(
        "<rect class=\"frame\(handler)\" x=\"\(coordinate(place.x))\" y=\"\(coordinate(place.y))\""
          + " width=\"\(coordinate(place.width))\" height=\"\(coordinate(place.height))\" rx=\"7\"/>"
      )
      let title = TextWidth.cut(frame.title, size: 9.5, to: place.width + 20)
      text(
        place.x + 6,
        place.y + 10,
        frame.isHandler ? "ft fth" : "ft",
        title,
        to: &output
      )
    }
  }

  // MARK: Links

  private func writeLinks(to output: inout TextOutput) {
    for link in diagram.links {
      let (from, to) = (layout.boxes[link.from], layout.boxes[link.to])
      let (start, end) = heights(link)
      let (x1, x2) = (from.right, to.x)
      let isBar = isBar(link.to)
      let tip = isBar ? x2 : x2 - 6
      var path = "M\(coordinate(x1)) \(coordinate(start))"
      if abs(start - end) < 0.5 {
        path += "H\(coordinate(tip))"
      } else {
        // Straight to the last gap, where it changes its row.
        let bend = max(x1, min(layout.gaps[link.to].from, tip - 20))
        if bend > x1 + 0.5 { path += "H\(coordinate(bend))" }
        let middle = (bend + tip) / 2
        path +=
          "C\(coordinate(middle)) \(coordinate(start)) \(coordinate(middle)) \(coordinate(end)) "
          + "\(coordinate(tip)) \(coordinate(end))"
      }
      let style = link.isHandler ? "link hl" : "link"
      output.line(
        "<path class=\"\(style)\" data-from=\"\(link.from)\" data-to=\"\(link.to)\" d=\"\(path)\"/>"
      )
      if !isBar {
        output.line(
          "<path class=\"tip\" d=\"M\(coordinate(x2)) \(coordinate(end))l-7 -3.5v7z\"/>"
        )
      }
    }
  }

  func isBar(_ box: Int) -> Bool {
    diagram.boxes[box].kind == .join || diagram.boxes[box].kind == .barrier
  }

  /// The heights at which a link leaves one box and enters the other.
  ///
  /// At a bar, the height at which the line is straight.
  private func heights(_ link: Diagram.Link) -> (Double, Double) {
    func clamped(_ value: Double, _ bar: DiagramLayout.Frame) -> Double {
      let margin = min(5, bar.height / 2)
      return min(max(value, bar.y + margin), bar.bottom - margin)
    }
    let (from, to) = (layout.boxes[link.from], layout.boxes[link.to])
    switch (isBar(link.from), isBar(link.to)) {
    case (false, false): return (from.middle, to.middle)
    case (true, false): return (clamped(to.middle, from), to.middle)
    case (false, true): return (from.middle, clamped(from.middle, to))
    case (true, true):
      let (low, high) = (max(from.y, to.y), min(from.bottom, to.bottom))
      // Between two rows, no box is in the way.
      let middle = layout.border(nearest: (low + high) / 2, from: low + 5, to: high - 5)
      return (clamped(middle, from), clamped(middle, to))
    }
  }

  // MARK: Boxes

  private func writeBox(_ index: Int, to output: inout TextOutput) {
    let box = diagram.boxes[index]
    let place = layout.boxes[index]
    func rectangle(_ radius: Double) -> String {
      "<rect x=\"\(coordinate(place.x))\" y=\"\(coordinate(place.y))\""
        + " width=\"\(coordinate(place.width))\" height=\"\(coordinate(place.height))\""
        + " rx=\"\(coordinate(radius))\"/>"
    }
    switch box.kind {
    case .join:
      output.line("<g class=\"join\" data-box=\"\(index)\">\(rectangle(3))</g>")
    case .barrier:
      output.line(
        "<g class=\"bar\" data-box=\"\(index)\"><title>\(markup(box.title))</title>\(rectangle(4))</g>"
      )
    case .step, .group:
      let status = status(box)
      var style = "box \(status.style)"
      if box.kind == .group { style += " group" }
      if box.isHandler { style += " handler" }
      output.put(
        "<g class=\"\(style)\" data-box=\"\(index)\" tabindex=\"0\" role=\"button\""
          + " aria-label=\"\(markup(label(box, status)))\"><title>\(markup(label(box, status)))</title>"
          + rectangle(6)
      )
      let room = place.width - (status.sign.isEmpty ? 16 : 32)
      let middle = place.x + place.width / 2 - (status.sign.isEmpty ? 0 : 6)
      let title = TextWidth.cut(box.title, size: TextWidth.titleSize, to: room)
      let note = TextWidth.cut(box.note, size: 10, to: room)
      func line(_ y: Double, _ style: String, _ words: String) {
        output.put(
          "<text class=\"\(style) mid\" x=\"\(coordinate(middle))\" y=\"\(coordinate(y))\">"
            + "\(markup(words))</text>"
        )
      }
      if note.isEmpty {
        line(place.middle + 4.2, "n", title)
      } else {
        line(place.middle - 2, "n", title)
        line(place.middle + 11.5, "m", note)
      }
      if !status.sign.isEmpty {
        output.put(
          "<text class=\"g end\" x=\"\(coordinate(place.right - 7))\""
            + " y=\"\(coordinate(place.middle + 4.5))\">\(status.sign)</text>"
        )
      }
      output.line("</g>")
    }
  }

  struct Status {
    var style: String
    var sign: String
    var words: String?
  }

  func status(_ box: Diagram.Box) -> Status {
    if let state = picture.overlay?.state(of: box.nodes) {
      let words = box.nodes.count == 1 ? picture.overlay?.words(box.nodes[0]) : state.plainWords
      switch state {
      case .succeeded: return Status(style: "succeeded", sign: "✓", words: words)
      case .failed: return Status(style: "failed", sign: "✗", words: words)
      case .failedOptional: return Status(style: "failed-optional", sign: "!", words: words)
      case .skipped: return Status(style: "skipped", sign: "–", words: words)
      case .cancelled: return Status(style: "cancelled", sign: "■", words: words)
      case .blocked, .waiting: return Status(style: "blocked", sign: "○", words: words)
      case .asking, .queued, .admitted, .running, .backingOff:
        return Status(style: "running", sign: "▸", words: words)
      }
    }
    if picture.overlay != nil { return Status(style: "plain", sign: "", words: nil) }
    let steps = box.nodes.filter { diagram.graph[$0].kind == .step }
    let fates = Set(steps.map(picture.fates))
    if fates.count == 1, let fate = fates.first {
      switch fate {
      case .runs: break
      case .skipped(let reason):
        return Status(style: "skipped", sign: "–", words: "skipped: \(reason)")
      case .unknown(let reason): return Status(style: "unknown", sign: "?", words: reason)
      }
    }
    return Status(style: "plain", sign: "", words: nil)
  }

  private func label(_ box: Diagram.Box, _ status: Status) -> String {
    let path = diagram.graph.subjects.path(box.subject)
    let phase = diagram.graph.items[box.item].name
    let name = box.kind == .step ? names.full(box.nodes[0]) : ""
    let words =
      box.kind == .step ? name : "\(phase)\(path.isEmpty ? "" : " of \(path)"), \(box.note)"
    return status.words.map { "\(words): \($0)" } ?? words
  }
}
