import Execution
import PlanGraph
import Words

/// A step that may not be started a second time without a person's word.
struct DoubtfulStep {
  /// What is known of it.
  enum Past {
    /// It failed, in these words.
    case failed(String)
    /// Nobody saw how it ended.
    case cutShort
    /// It was started and has not succeeded, in whatever way.
    case notSucceeded
    /// It succeeded, and a handler of its block has run.
    case succeeded
    /// It was started, and is another step by now.
    case changed
  }

  let node: NodeID
  let past: Past

  /// Why a person is asked, behind its name.
  var why: String {
    let question = "only a person can tell whether its work is done"
    return switch past {
    case .failed(let how): "is not idempotent and has not succeeded (\(how)); \(question)"
    case .cutShort: "is not idempotent and nobody saw how it ended; \(question)"
    case .notSucceeded:
      "is not idempotent, was started before and has not succeeded; \(question)"
    case .changed: "is not idempotent, was started before, and has changed since; \(question)"
    case .succeeded:
      "is not idempotent and has succeeded, but a handler of its block has run, so all of the block "
        + "runs again; only a person can tell whether this step may"
    }
  }

  /// That something has to be assumed of it, and how.
  func notice(_ graph: Graph) -> Notice {
    let name = graph.name(node)
    let ways = Assumption.allCases.map { "--assume \(shellWords(["\(name)=\($0.rawValue)"]))" }
    return .paragraphs(
      [
        Paragraph("error: \(name)", isVerbatim: true),
        Paragraph(why, indent: 2),
        Paragraph("help: look at what it did, then add one of", indent: 2),
      ] + ways.map { Paragraph($0, indent: 4, isVerbatim: true) }
    )
  }
}
