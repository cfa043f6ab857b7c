package import PlanGraph
import PlanLanguage

/// What a picture shows: a diagram, and what is known of its steps.
package struct Picture {
  let diagram: Diagram
  /// A run that colours the picture; nil for none.
  let overlay: RunOverlay?
  /// Whether a step would run.
  let fates: (NodeID) -> StepFate

  /// Makes what a picture shows.
  ///
  /// - Parameters:
  ///   - diagram: the boxes and the links between them.
  ///   - overlay: a run that colours the picture; nil for none.
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

  /// The indices of the boxes in each section.
  var boxesBySection: [[Int]] {
    var boxes = [[Int]](repeating: [], count: diagram.sections.count)
    for (index, box) in diagram.boxes.enumerated() { boxes[box.section].append(index) }
    return boxes
  }

  /// The lines in the box of a step or of several.
  func lines(in box: Diagram.Box) -> [String] {
    let path = diagram.graph.subjects.path(box.subject)
    var lines = [box.kind == .group || path.isEmpty ? box.title : path]
    if box.kind == .step, !path.isEmpty, diagram.graph.subjects.scope(box.subject) > .releaseJob {
      lines.append(box.title)
    }
    if !box.note.isEmpty { lines.append(box.note) }
    if box.kind == .step, let outcome = overlay?.words(box.nodes[0]) { lines.append(outcome) }
    return lines
  }
}
