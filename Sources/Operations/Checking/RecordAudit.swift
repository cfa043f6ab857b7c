package import Analysis
import Journal
package import PlanGraph

/// The record of a run, checked against its plan.
package struct RecordAudit {
  package let graph: Graph
  package let audit: RunAudit
  /// The name of the run.
  package let run: String

  /// Checks a record.
  ///
  /// - Parameters:
  ///   - reference: which run.
  ///   - tell: gets what a run would leave out.
  /// - Throws: an error if there is no such run, its plan has changed, or its record is damaged.
  package init(_ reference: RunReference, tell: Tell) throws(CommandFailure) {
    let found = try reference.find()
    let contents = try found.read()
    graph = try RecordedInput(contents.header, reference, isOnlyLooking: true).prepare(tell).graph
    run = contents.header.run
    if GraphIdentity(graph).whole != contents.header.graph {
      throw Self.refusal(contents.header, graph)
    }
    do {
      audit = try RunAudit.read(contents, graph)
    } catch {
      throw found.damaged(error)
    }
  }

  private static let most = 10

  /// Which steps have changed.
  private static func refusal(_ header: RunHeader, _ graph: Graph) -> CommandFailure {
    let identity = GraphIdentity(graph)
    var now: [String: UInt64] = [:]
    for node in graph.nodes.indices where graph[node].kind == .step {
      now[graph.name(node)] = identity.steps[graph[node].template]
    }
    var words: [String] = []
    for step in header.steps {
      guard let digest = now.removeValue(forKey: step.name) else {
        words.append("\(step.name): is gone")
        continue
      }
      if digest != step.digest { words.append("\(step.name): its text or clauses have changed") }
    }
    words += now.keys.sorted().map { "\($0): is new in the plan" }
    if words.isEmpty { words = ["its order, blocks or limits have changed"] }
    var told = [Paragraph("error: the plan has changed since the run began")]
    told += words.prefix(most).map { Paragraph($0, indent: 2) }
    if words.count > most { told.append(Paragraph("and \(words.count - most) more", indent: 2)) }
    told.append(
      Paragraph("help: a run is checked against the plan that it ran; restore that plan", indent: 2)
    )
    return CommandFailure(.refused, [.paragraphs(told)])
  }
}
