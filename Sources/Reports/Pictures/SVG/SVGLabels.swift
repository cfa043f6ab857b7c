import Words

/// The labels of a picture: headings of columns, names of rows, the legend.
///
/// Headings and names are drawn last and in groups of their own, each with the range that it labels
/// (`data-from`, `data-to`). So a page can keep them in sight while the rest moves.
extension SVGDrawing {
  func writeHeadings(to output: inout TextOutput) {
    output.line("<g id=\"heads\" data-top=\"\(coordinate(layout.top - 34))\">")
    for (index, section) in diagram.sections.enumerated() where section.isHeaded {
      let (x, right) = layout.sections[index]
      let raised = section.note.isEmpty ? 0.0 : 7
      let wide = max(
        TextWidth.of(section.title, size: TextWidth.titleSize + 1),
        TextWidth.of(section.note, size: 10.5)
      )
      let stretch =
        "data-from=\"\(coordinate(x))\" data-to=\"\(coordinate(right))\""
        + " data-size=\"\(coordinate(wide))\""
      label((x + right) / 2, layout.top - 13 - raised, "head mid", section.title, stretch, &output)
      if !section.note.isEmpty {
        label((x + right) / 2, layout.top - 6, "about mid", section.note, stretch, &output)
      }
    }
    // Instances have barriers of their own, one below the other.
    var named: Set<Double> = []
    for (index, box) in diagram.boxes.enumerated() where box.kind == .barrier {
      let middle = layout.boxes[index].x + layout.boxes[index].width / 2
      if !named.insert(middle).inserted { continue }
      text(middle, layout.top - 1, "about mid", "barrier", to: &output)
    }
    output.line("</g>")
  }

  func writeLaneNames(to output: inout TextOutput) {
    output.line("<g id=\"lanes\" data-left=\"\(coordinate(layout.left))\">")
    for lane in layout.lanes where lane.isInstance {
      let stretch =
        "data-from=\"\(coordinate(lane.top))\" data-to=\"\(coordinate(lane.bottom))\""
      label(28, (lane.top + lane.bottom) / 2 + 4, "inst", lane.title, stretch, &output)
    }
    output.line("</g>")
  }

  private func label(
    _ x: Double,
    _ y: Double,
    _ style: String,
    _ words: String,
    _ stretch: String,
    _ output: inout TextOutput
  ) {
    output.line(
      "<text class=\"\(style)\" x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" \(stretch)>"
        + "\(markup(words))</text>"
    )
  }

  // MARK: Legend

  func writeLegend(to output: inout TextOutput) {
    var signs: [String: Status] = [:]
    for box in diagram.boxes where box.kind == .step || box.kind == .group {
      let status = status(box)
      if !status.sign.isEmpty { signs[status.style] = status }
    }
    let words = [
      "succeeded": "succeeded", "failed": "failed", "failed-optional": "failed, optional",
      "running": "under way", "cancelled": "cancelled", "blocked": "not started",
      "skipped": "skipped", "unknown": "decided during the run",
    ]
    var x = 16.0
    let y = layout.bottom + 32
    for (style, status) in signs.sorted(by: { $0.key < $1.key }) {
      output.put("<g class=\"box \(style)\">")
      output.put(
        "<rect x=\"\(coordinate(x))\" y=\"\(coordinate(y - 12))\" width=\"18\" height=\"16\" rx=\"4\"/>"
          + "<text class=\"g mid\" x=\"\(coordinate(x + 9))\" y=\"\(coordinate(y))\">\(status.sign)</text>"
      )
      output.line("</g>")
      let text = words[style] ?? style
      self.text(x + 24, y, "legend", text, to: &output)
      x += 44 + TextWidth.of(text, size: 11.5)
    }
    for words in shorthand() {
      text(x, y, "sub", words, to: &output)
      x += 20 + TextWidth.of(words, size: 11.5)
    }
  }

  /// What the signs below the names mean; only those in this picture.
  private func shorthand() -> [String] {
    let notes =
      diagram.boxes.map(\.note) + diagram.sections.map(\.note) + diagram.frames.map(\.title)
    func isThere(_ sign: Character) -> Bool { notes.contains { $0.contains(sign) } }
    var words: [String] = []
    if isThere("↻") { words.append("↻ retries at most") }
    if isThere("≤") { words.append("≤ timeout") }
    if diagram.links.contains(where: \.isHandler) {
      words.append("- - a handler, if it runs")
    }
    return words
  }

  /// How wide the legend is at most, in pixels.
  var legendWidth: Double {
    var styles: Set<String> = []
    for box in diagram.boxes where box.kind == .step || box.kind == .group {
      let status = status(box)
      if !status.sign.isEmpty { styles.insert(status.style) }
    }
    let signs = Double(styles.count) * (44 + TextWidth.of("decided during the run", size: 11.5))
    return 32 + signs + shorthand().reduce(0) { $0 + 20 + TextWidth.of($1, size: 11.5) }
  }
}
