import PlanGraph

/// The starts and stops so far of the processes of release jobs, and of systemd units that a plan
/// names.
///
/// If one of two subjects contains the other, their steps run in the order of their numbers.
struct RenewalMarks {
  /// The last steps that start or stop anything and that were begun.
  private(set) var changes: LastMarks
  /// The last starts of release jobs that still have to run or run again.
  var starts: LastMarks
  /// The turns of release jobs, each marked on the release jobs that turned.
  private var turns: LastMarks
  /// The turns of units, by the subject of the step.
  private var unitTurns: LastMarks
  /// The turns of units, by unit.
  private var turnsOfUnits = UnitMarks()

  init(_ graph: Graph, _ begun: Table<NodeID, Bool>) {
    changes = LastMarks(graph.subjects.count)
    starts = changes
    turns = changes
    unitTurns = changes
    // For a subject that contains no other: whether its processes were started last, not stopped.
    var isUpNow = Table<SubjectID, Bool?>(repeating: nil, count: graph.subjects.count)
    var ups = UnitMarks()
    var downs = ups
    for node in graph.nodes.indices where graph[node].kind == .step && begun[node] {
      let subject = graph[node].subject
      let action = graph.steps[graph[node].template].action
      let isUp: Bool
      switch action {
      case .start, .startUnits: isUp = true
      case .stop, .stopUnits, .unmonitor: isUp = false
      case .script, .run, .wait, .drain: continue
      }
      changes.mark(subject, node, graph.subjects)
      switch action {
      case .startUnits(let units), .stopUnits(let units):
        for unit in units {
          let up = ups.last(unit, overlapping: subject, graph.subjects)
          let down = downs.last(unit, overlapping: subject, graph.subjects)
          if isUp ? down.isAfter(up) : up.isAfter(down) {
            turnsOfUnits.mark(unit, subject, node, graph.subjects)
            unitTurns.mark(subject, node, graph.subjects)
          }
          if isUp {
            ups.mark(unit, subject, node, graph.subjects)
          } else {
            downs.mark(unit, subject, node, graph.subjects)
          }
        }
      default:
        for leaf in graph.subjects.subtree(subject) {
          guard graph.subjects.subtree(leaf).count == 1 else { continue }
          if isUpNow[leaf] == !isUp { turns.mark(leaf, node, graph.subjects) }
          isUpNow[leaf] = isUp
        }
      }
    }
  }

  /// The last turn that undid the effect of a step with this action on purpose.
  func lastTurn(of action: StepAction, on subject: SubjectID, _ graph: Graph) -> NodeID? {
    var last: NodeID?
    switch action {
    case .startUnits(let units), .stopUnits(let units):
      for unit in units {
        last.formLater(turnsOfUnits.last(unit, overlapping: subject, graph.subjects))
      }
    case .script, .start, .stop, .unmonitor, .drain:
      last = turns.last(overlapping: subject, graph.subjects)
    // It may have been about anything.
    case .run, .wait:
      last = turns.last(overlapping: subject, graph.subjects)
      last.formLater(unitTurns.last(overlapping: subject, graph.subjects))
    }
    return last
  }
}

/// The last of some steps, by their subjects.
struct LastMarks {
  /// The last step marked there.
  private var own: Table<SubjectID, NodeID?>
  /// The last step marked there or inside.
  private var inside: Table<SubjectID, NodeID?>

  init(_ count: Int) {
    own = Table(repeating: nil, count: count)
    inside = own
  }

  mutating func mark(_ subject: SubjectID, _ node: NodeID, _ subjects: Subjects) {
    own[subject].formLater(node)
    var holder = subject
    while true {
      inside[holder].formLater(node)
      if holder == .deployment { return }
      holder = subjects.parent(holder)
    }
  }

  /// The last step marked on a subject, inside of it or around it.
  func last(overlapping subject: SubjectID, _ subjects: Subjects) -> NodeID? {
    var last = inside[subject]
    var holder = subject
    while holder != .deployment {
      holder = subjects.parent(holder)
      last.formLater(own[holder])
    }
    return last
  }
}

/// The last of some steps, by their units and subjects.
///
/// Only few of all pairs occur.
private struct UnitMarks {
  private struct Place: Hashable {
    var unit: String
    var subject: SubjectID
  }

  private var own: [Place: NodeID] = [:]
  private var inside: [Place: NodeID] = [:]

  mutating func mark(_ unit: String, _ subject: SubjectID, _ node: NodeID, _ subjects: Subjects) {
    own[Place(unit: unit, subject: subject)].formLater(node)
    var holder = subject
    while true {
      inside[Place(unit: unit, subject: holder)].formLater(node)
      if holder == .deployment { return }
      holder = subjects.parent(holder)
    }
  }

  /// The last step marked of a unit on a subject, inside of it or around it.
  func last(_ unit: String, overlapping subject: SubjectID, _ subjects: Subjects) -> NodeID? {
    var last = inside[Place(unit: unit, subject: subject)]
    var holder = subject
    while holder != .deployment {
      holder = subjects.parent(holder)
      last.formLater(own[Place(unit: unit, subject: holder)])
    }
    return last
  }
}

extension NodeID? {
  /// Whether it is a later node; any node is later than none.
  func isAfter(_ other: NodeID?) -> Bool {
    guard let self else { return false }
    return other.map { $0 < self } ?? true
  }

  /// Becomes the later one of the two.
  fileprivate mutating func formLater(_ other: NodeID?) { if other.isAfter(self) { self = other } }
}
