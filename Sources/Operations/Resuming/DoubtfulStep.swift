import Execution
import PlanGraph
import Words

/// A step that must not be started a second time without a person's decision.
struct DoubtfulStep {
  /// What is known about it.
  enum Past {
    /// It failed, with this description.
    case failed(String)
    /// How it ended is unknown.
    case cutShort
    /// It was started and has not succeeded, for any reason.
    case notSucceeded
    /// It succeeded, and a handler of its block has run.
    case succeeded
    /// It was started, and has changed since.
    case changed
  }

  let node: NodeID
  let past: Past

  /// Why a decision is needed, to follow its name.
  var why: String {
    let question = "only a person can tell whether its work is done"
    return switch past {
    case .failed(let how): "is not idempotent and has not succeeded (\(how)); \(question)"
    case .cutShort: "is not idempotent, and how it ended is unknown; \(question)"
    case .notSucceeded:
      "is not idempotent, was started before and has not succeeded; \(question)"
    case .changed: "is not idempotent, was started before, and has changed since; \(question)"
    case .succeeded:
      "is not idempotent and has succeeded, but a handler of its block has run, so all of the block "
        + "runs again; only a person can tell whether this step may"
    }
  }

  /// The notice that it needs a decision, and how to give one.
  func notice(_ graph: Graph) -> Notice {
    let name = graph.name(node)
    let ways = Assumption.allCases.map { "--assume \(shellWords(["\(name)=\($0.rawValue)"]))" }
    return .paragraphs(
      [
        Paragraph("error: \(name)", isVerbatim: true),
        Paragraph(why, indent: 2),
        Paragraph("help: check what it did, then add one of", indent: 2),
      ] + ways.map { Paragraph($0, indent: 4, isVerbatim: true) }
    )
  }
}
