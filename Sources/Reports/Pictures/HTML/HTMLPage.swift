import PlanGraph
package import Words

/// Writes a picture as one HTML page without other files: the picture, a search, and what is known
/// about each step.
///
/// The page also shows the picture where scripts are off.
package struct HTMLPage {
  private let picture: Picture
  private let drawing: SVGDrawing
  private let facts: StepFacts
  private let names: NodeNames
  /// Sentences about release jobs that no step touches.
  private let untouched: [String]

  /// How many steps of one box are listed at most.
  private static let mostNamed = 40

  /// Prepares the page.
  package init(_ picture: Picture, facts: StepFacts, untouched: [String] = []) {
    self.untouched = untouched
    self.picture = picture
    self.facts = facts
    drawing = SVGDrawing(picture)
    names = NodeNames(picture.diagram.graph)
  }

  private var diagram: Diagram { picture.diagram }

  /// Writes it.
  package func write(to output: inout TextOutput) {
    let name = markup(diagram.graph.planName)
    // The page may not request anything from any address.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    let whole =
      picture.overlay.map { $0.words }
      ?? "\(counted(diagram.graph.stepCount, "step")); a dry-run, nothing was started"
    let what = ([whole] + untouched.map(safeForTerminal)).joined(separator: "; ")
    output.put(
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <title>\(name) - lockstep dry-run</title>
      <style>
      \(text(PackageResources.page_css))\(SVGStyle.sheet)</style>
      </head>
      <body>
      <header>
      <h1>\(name)</h1>
      <span class="what">\(markup(what))</span>
      <div class="tools">
      <label for="search" hidden>Search</label>
      <input id="search" type="search" placeholder="search steps  ( / )" aria-label="search steps" \
      autocomplete="off" spellcheck="false">
      <span id="hits" role="status"></span>
      <button id="out" title="zoom out ( - )" aria-label="zoom out">&#8722;</button>
      <button id="in" title="zoom in ( + )" aria-label="zoom in">+</button>
      <button id="fit" title="show everything ( 0 )">fit</button>
      </div>
      </header>
      <main>
      <div id="stage">

      """
    )
    drawing.write(isAlone: false, to: &output)
    output.put(
      """
      </div>
      <aside id="panel" hidden aria-label="selected step">
      <button id="shut" title="close ( Esc )" aria-label="close">&#215;</button>
      <div id="told" aria-live="polite"></div>
      </aside>
      </main>
      <script type="application/json" id="facts">

      """
    )
    writeFacts(to: &output)
    output.put(
      "</script>\n<script>\n\(text(PackageResources.page_js))</script>\n</body>\n</html>\n"
    )
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private func writeFacts(to output: inout TextOutput) {
    let document = JSONWriter.bytes { writer in
      writer.array { writer in
        for box in diagram.boxes {
          switch box.kind {
          case .join, .barrier: writer.null()
          case .step: write(names.full(box.nodes[0]), facts.facts(box.nodes[0]), nil, &writer)
          case .group: write(title(box), groupFacts(box), Holding(box, diagram.graph), &writer)
          }
          writer.lineBreak()
        }
      }
      writer.lineBreak()
    }
    // Nothing in the text may end the element that it is in.
    let pieces = text(document).split(separator: "<", omittingEmptySubsequences: false)
    output.put(pieces.joined(separator: "\\u003c"))
  }

  /// Which steps a box of several stands for: those of one phase, on a subject or inside it, with
  /// one of these statements.
  private struct Holding {
    var phase: String
    var subject: String
    var statements: [String]

    init(_ box: Diagram.Box, _ graph: Graph) {
      phase = graph.items[box.item].name
      subject = graph.subjects.path(box.subject)
      statements = Set(box.nodes.compactMap { graph.step($0)?.name }).sorted()
    }
  }

  private func write(
    _ name: String,
    _ facts: [StepFacts.Fact],
    _ holding: Holding?,
    _ writer: inout JSONWriter
  ) {
    writer.object { writer in
      writer.field("name", name)
      if let holding {
        writer.name("holds")
        writer.object { writer in
          writer.field("phase", holding.phase)
          writer.field("subject", holding.subject)
          writer.field("statements", holding.statements)
        }
      }
      writer.name("facts")
      writer.array { writer in
        for fact in facts {
          writer.array {
            $0.value(fact.label)
            $0.value(plain(fact.text))
          }
        }
      }
    }
  }

  /// A text in which no character changes the direction of the rest.
  private func plain(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { safeForTerminal(String($0)) }.joined(separator: "\n")
  }

  private func title(_ box: Diagram.Box) -> String {
    let path = diagram.graph.subjects.path(box.subject)
    return path.isEmpty ? box.title : "\(box.title):\(path)"
  }

  private func groupFacts(_ box: Diagram.Box) -> [StepFacts.Fact] {
    let steps = box.nodes.filter { diagram.graph[$0].kind == .step }
    var named = steps.prefix(Self.mostNamed).map { names.full($0) }.joined(separator: "\n")
    if steps.count > Self.mostNamed { named += "\nand \(steps.count - Self.mostNamed) more" }
    var facts = [StepFacts.Fact(label: counted(steps.count, "step"), text: named)]
    if let overlay = picture.overlay {
      var counts: [String: Int] = [:]
      for step in steps {
        counts[overlay.steps[step]?.state.plainWords ?? "unknown", default: 0] += 1
      }
      let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      facts.append(StepFacts.Fact(label: "recorded", text: words.joined(separator: ", ")))
    }
    return facts
  }
}
