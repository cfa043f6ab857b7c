import PlanGraph

/// What has been begun with the processes of release jobs, and with systemd units that a plan names.
///
/// Steps on subjects of which one holds the other run in the order of their numbers.
struct RenewalMarks {
  /// The last steps that bring anything up or down, as far as they were begun.
  private(set) var changes: LastMarks
  /// A start of release jobs that is left, or asked again.
  var starts: LastMarks
  /// The turns of release jobs, each marked on those that turned.
  private var turns: LastMarks
  /// The turns of units, by what the step is about.
  private var unitTurns: LastMarks
  /// The same, by unit.
  private var turnsOfUnits = UnitMarks()

  init(_ graph: Graph, _ begun: [Bool]) {
    changes = LastMarks(graph.subjects.count)
    starts = changes
    turns = changes
    unitTurns = changes
    // By subject that holds no other: whether its processes were last brought up.
    var isUpNow = [Bool?](repeating: nil, count: graph.subjects.count)
    var ups = UnitMarks()
    var downs = ups
    for index in graph.nodes.indices where graph.nodes[index].kind == .step && begun[index] {
      let subject = graph.nodes[index].subject
      let action = graph.steps[Int(graph.nodes[index].payload)].action
      let isUp: Bool
      switch action {
      case .start, .startUnits: isUp = true
      case .stop, .stopUnits, .unmonitor: isUp = false
      case .script, .run, .wait, .drain: continue
      }
      changes.mark(subject, index, graph.subjects)
      switch action {
      case .startUnits(let units), .stopUnits(let units):
        for unit in units {
          let up = ups.last(unit, overlapping: subject, graph.subjects)
          let down = downs.last(unit, overlapping: subject, graph.subjects)
          if isUp ? down > up : up > down {
            turnsOfUnits.mark(unit, subject, index, graph.subjects)
            unitTurns.mark(subject, index, graph.subjects)
          }
          if isUp {
            ups.mark(unit, subject, index, graph.subjects)
          } else {
            downs.mark(unit, subject, index, graph.subjects)
          }
        }
      default:
        for inner in graph.subjects.subtree(subject) {
          let leaf = SubjectID(inner)
          guard graph.subjects.subtree(leaf).count == 1 else { continue }
          if isUpNow[Int(inner)] == !isUp { turns.mark(leaf, index, graph.subjects) }
          isUpNow[Int(inner)] = isUp
        }
      }
    }
  }

  /// The number of the last turn that undid on purpose what a step with an action did; -1 for none.
  func lastTurn(of action: StepAction, on subject: SubjectID, _ graph: Graph) -> Int {
    let own = turns.last(overlapping: subject, graph.subjects)
    switch action {
    case .startUnits(let units), .stopUnits(let units):
      return units.map { turnsOfUnits.last($0, overlapping: subject, graph.subjects) }.max() ?? -1
    case .script, .start, .stop, .unmonitor, .drain: return own
    // Nobody knows what it was about.
    case .run, .wait: return max(own, unitTurns.last(overlapping: subject, graph.subjects))
    }
  }
}

/// The last of some steps, by the subjects that they are about.
struct LastMarks {
  /// By subject: the last number marked there; -1 for none.
  private var own: [Int]
  /// By subject: there or inside.
  private var inside: [Int]

  init(_ count: Int) {
    own = Array(repeating: -1, count: count)
    inside = own
  }

  mutating func mark(_ subject: SubjectID, _ number: Int, _ subjects: Subjects) {
    own[Int(subject.index)] = max(own[Int(subject.index)], number)
    var holder = subject
    while true {
      inside[Int(holder.index)] = max(inside[Int(holder.index)], number)
      if holder == .deployment { return }
      holder = subjects.parent(holder)
    }
  }

  /// The last number marked on a subject, inside of it or around it; -1 for none.
  func last(overlapping subject: SubjectID, _ subjects: Subjects) -> Int {
    var last = inside[Int(subject.index)]
    var holder = subject
    while holder != .deployment {
      holder = subjects.parent(holder)
      last = max(last, own[Int(holder.index)])
    }
    return last
  }
}

/// The last of some steps, by the units that they name and the subjects that they are about.
///
/// Few of all pairs of both occur.
private struct UnitMarks {
  private struct Place: Hashable {
    var unit: String
    var subject: SubjectID
  }

  private var own: [Place: Int] = [:]
  private var inside: [Place: Int] = [:]

  mutating func mark(_ unit: String, _ subject: SubjectID, _ number: Int, _ subjects: Subjects) {
    own[Place(unit: unit, subject: subject), default: -1].formMax(number)
    var holder = subject
    while true {
      inside[Place(unit: unit, subject: holder), default: -1].formMax(number)
      if holder == .deployment { return }
      holder = subjects.parent(holder)
    }
  }

  /// The last number marked of a unit on a subject, inside of it or around it; -1 for none.
  func last(_ unit: String, overlapping subject: SubjectID, _ subjects: Subjects) -> Int {
    var last = inside[Place(unit: unit, subject: subject)] ?? -1
    var holder = subject
    while holder != .deployment {
      holder = subjects.parent(holder)
      last = max(last, own[Place(unit: unit, subject: holder)] ?? -1)
    }
    return last
  }
}

extension Int {
  fileprivate mutating func formMax(_ other: Int) { self = Swift.max(self, other) }
}
