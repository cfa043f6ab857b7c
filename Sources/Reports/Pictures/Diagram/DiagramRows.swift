import PlanGraph
import PlanLanguage

/// The rows of a diagram.
///
/// The rows of a deployment job's instances are together, and each contains the rows of its release
/// jobs. A subject without steps has no row.
struct DiagramRows {
  /// Where a subject's row begins and ends, in pixels.
  struct Row {
    var top = 0.0
    var bottom = 0.0
    /// How much further boxes reach below the axis than above it.
    var excess = 0.0
    var middle: Double { (top + bottom) / 2 }
    /// Where boxes without an offset are.
    var axis: Double { middle - excess / 2 }
  }

  private(set) var bottom: Double
  private(set) var lanes: [DiagramLayout.Lane] = []
  /// How much room the names of the rows take.
  private(set) var labelWidth = 16.0
  private var rows: [SubjectID: Row] = [:]

  private let diagram: Diagram
  private let needs: [SubjectID: (above: Double, below: Double)]
  private var isUsed: Set<SubjectID> = []

  init(_ diagram: Diagram, needs: [SubjectID: (above: Double, below: Double)]) {
    self.diagram = diagram
    self.needs = needs
    bottom = DiagramLayout.headHeight
    let subjects = diagram.graph.subjects
    for subject in needs.keys {
      var subject = subject
      while isUsed.insert(subject).inserted, subject != .deployment {
        subject = subjects.parent(subject)
      }
    }
    bottom = place(.deployment, from: DiagramLayout.headHeight)
    if bottom == DiagramLayout.headHeight { bottom += DiagramLayout.slot }
    for lane in lanes {
      labelWidth = max(labelWidth, TextWidth.of(lane.title, size: 12) + 36)
    }
  }

  subscript(_ subject: SubjectID) -> Row {
    rows[subject] ?? Row(top: DiagramLayout.headHeight, bottom: bottom)
  }

  /// Gives rows to a subject and to all inside it; returns where the next row may begin.
  private mutating func place(_ subject: SubjectID, from top: Double) -> Double {
    let subjects = diagram.graph.subjects
    let scope = subjects.scope(subject)
    // Lanes have a border.
    let padding =
      scope == .instance || scope == .deploymentJob && isLeaf(subject)
      ? DiagramLayout.lanePadding : 0
    var end = top + padding
    for child in children(of: subject) { end = place(child, from: end) }
    let need = needs[subject].map { $0.above + $0.below + 1 } ?? 0
    let wanted = need * DiagramLayout.slot
    if end - top - padding < wanted {
      // The rows inside are in the middle of it.
      shift(inside: subject, by: (wanted - (end - top - padding)) / 2)
      end = top + padding + wanted
    }
    end += padding
    let excess = needs[subject].map { ($0.below - $0.above) * DiagramLayout.slot } ?? 0
    rows[subject] = Row(top: top, bottom: end, excess: excess)
    switch scope {
    case .instance:
      let index = lanes.firstIndex { $0.top >= top && $0.isInstance } ?? lanes.count
      lanes.insert(lane(subjects.path(subject), true, top, end), at: index)
    case .deploymentJob where isLeaf(subject):
      lanes.append(lane(subjects.path(subject), true, top, end))
    case .deploymentJob:
      lanes.append(lane(subjects.path(subject), false, top, end))
    case .releaseJob, .deployment: break
    }
    return end
  }

  private func lane(
    _ title: String,
    _ isInstance: Bool,
    _ top: Double,
    _ bottom: Double
  ) -> DiagramLayout.Lane {
    DiagramLayout.Lane(title: title, isInstance: isInstance, top: top, bottom: bottom)
  }

  private mutating func shift(inside subject: SubjectID, by distance: Double) {
    for child in children(of: subject) {
      rows[child]?.top += distance
      rows[child]?.bottom += distance
      shift(inside: child, by: distance)
    }
    // Only the rows of release jobs move, because lanes are as high as what they are in.
    let inside = diagram.graph.subjects
    for index in lanes.indices where lanes[index].isInstance {
      let path = lanes[index].title
      if path.hasPrefix(inside.path(subject)), inside.scope(subject) > .instance {
        lanes[index].top += distance
        lanes[index].bottom += distance
      }
    }
  }

  private func isLeaf(_ subject: SubjectID) -> Bool { children(of: subject).isEmpty }

  private func children(of subject: SubjectID) -> [SubjectID] {
    let subjects = diagram.graph.subjects
    let range = subjects.subtree(subject)
    var found: [SubjectID] = []
    var child = range.lowerBound.advanced(by: 1)
    while child < range.upperBound {
      if isUsed.contains(child) { found.append(child) }
      child = subjects.subtree(child).upperBound
    }
    return found
  }
}
