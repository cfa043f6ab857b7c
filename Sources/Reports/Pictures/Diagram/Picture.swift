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

  /// A section, as text describes it.
  struct Section {
    let number: Int
    /// Its title and note; nil for none.
    let heading: String?
    /// The indices of its boxes.
    var boxes: [Int] = []
  }

  /// The sections in order.
  ///
  /// - Parameter separator: what stands between a title and its note.
  /// - Returns: the sections with their boxes.
  func sections(separator: String) -> [Section] {
    var sections = diagram.sections.enumerated().map { number, section in
      let note = section.note.isEmpty ? "" : separator + section.note
      return Section(number: number, heading: section.isHeaded ? section.title + note : nil)
    }
    for (index, box) in diagram.boxes.enumerated() { sections[box.section].boxes.append(index) }
    return sections
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
