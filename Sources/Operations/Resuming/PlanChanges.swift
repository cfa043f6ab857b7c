import Journal
import PlanGraph

/// How the plan, or what it runs, differs from what a run had.
struct PlanChanges {
  /// How a step differs.
  enum Change {
    case isNew
    case definition
    case script

    /// For people, to follow the step's name.
    var words: String {
      switch self {
      case .isNew: "is new in the plan"
      case .definition: "its text or clauses have changed"
      case .script: "its script has changed"
      }
    }
  }

  /// The current steps that have changed.
  private(set) var changed: [NodeID: Change] = [:]
  /// If there are changes: the current steps that are unchanged, by their old numbers.
  private(set) var same: [NodeID: NodeID] = [:]
  /// One for each step, and one for what belongs to no single step; for people.
  private var words: [String] = []

  /// Whether nothing differs.
  var isEmpty: Bool { words.isEmpty }

  /// Compares the two.
  ///
  /// - Parameters:
  ///   - old: what was recorded when the run began.
  ///   - new: what would be recorded now.
  init(from old: RunHeader, to new: RunHeader) {
    if old.graph == new.graph, old.steps == new.steps { return }
    var known = Dictionary(old.steps.map { ($0.name, $0) }) { first, _ in first }
    for step in new.steps {
      let before = known.removeValue(forKey: step.name)
      let change: Change? =
        if let before {
          before.digest != step.digest
            ? .definition : Self.differ(before.script, step.script) ? .script : nil
        } else {
          .isNew
        }
      if let change {
        changed[step.node] = change
        words.append("\(step.name): \(change.words)")
      } else if let before {
        same[before.node] = step.node
      }
    }
    for step in old.steps where known[step.name] != nil {
      words.append("\(step.name): is gone")
    }
    if old.graph != new.graph, words.isEmpty {
      words.append("the order of the plan, its blocks or its limits have changed")
    }
  }

  /// Whether two digests of a step's script differ; a host that was out of reach gave none.
  private static func differ(_ old: UInt64?, _ new: UInt64?) -> Bool {
    guard let old, let new else { return false }
    return old != new
  }

  /// How many changes are listed one by one.
  private static let most = 10

  /// A refusal to resume: the changes, and what to do about them.
  var refusal: CommandFailure {
    var told = [Paragraph("error: the plan or what it runs has changed since the run began")]
    told += words.prefix(Self.most).map { Paragraph($0, indent: 2) }
    if words.count > Self.most {
      told.append(Paragraph("and \(words.count - Self.most) more", indent: 2))
    }
    told.append(
      Paragraph(
        "help: restore the old state, or continue with the new one: --accept-changes runs what has "
          + "changed again, and keeps unchanged steps that succeeded",
        indent: 2
      )
    )
    return CommandFailure(.refused, [.paragraphs(told)])
  }
}
