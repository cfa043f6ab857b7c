import Clock
import Execution
package import PlanGraph
import Words

/// The identity of a compiled plan: a digest of each step's text and clauses, and one of the whole
/// graph's order, blocks and limits.
///
/// The values of secret params are left out, because a value could be guessed from its digest.
package struct GraphIdentity: Hashable, Sendable {
  /// The digest of the whole.
  package var whole: UInt64
  /// The digest of each step template.
  package var steps: Table<StepTemplateID, UInt64>

  /// Computes it; linear in nodes and edges.
  package init(_ graph: Graph) {
    steps = graph.steps.mapValues { Self.digest($0) }
    var digest = Digest64()
    digest.add(graph.planName)
    for step in steps { digest.add(step) }
    for block in graph.blockTemplates { Self.add(block, to: &digest) }
    for limit in graph.limits { digest.add(UInt64(bitPattern: Int64(limit))) }
    for (index, node) in graph.nodes.enumerated() {
      digest.add(UInt64(node.payload) << 32 | UInt64(node.subject.index))
      digest.add(UInt64(node.block.index) << 8 | UInt64(node.kind.rawValue))
      digest.add(UInt64(graph.predecessorStart[index + 1]))
    }
    for node in graph.predecessorList { digest.add(UInt64(node.index)) }
    for subject in graph.subjects.indices { digest.add(graph.subjects.name(subject)) }
    whole = digest.value
  }

  private static func digest(_ step: StepTemplate) -> UInt64 {
    var digest = Digest64()
    digest.add(step.name)
    digest.add("\(step.action)")
    digest.add(step.retry)
    for duration in [step.timeout, step.grace, step.settle, step.every] { digest.add(duration) }
    for variable in step.environment { digest.add("\(variable.name)=\(variable.shown)") }
    let flags = [step.isOptional, step.isIdempotent, step.isStrict]
    digest.add(flags.enumerated().reduce(0) { $0 + ($1.element ? 1 << UInt64($1.offset) : 0) })
    digest.add(step.condition.map { "\($0)" } ?? "")
    digest.add(step.skipReason ?? "")
    return digest.value
  }

  private static func add(_ block: BlockTemplate, to digest: inout Digest64) {
    digest.add(block.name)
    digest.add("\(block.kind)")
    digest.add(block.retry)
    digest.add(block.timeout)
    digest.add(block.condition.map { "\($0)" } ?? "")
    digest.add(block.skipReason ?? "")
    digest.add(UInt64(bitPattern: Int64(block.slots ?? -1)))
    digest.add(UInt64((block.isOptional ? 1 : 0) + (block.closesAfterFailure ? 2 : 0)))
  }
}

extension Digest64 {
  mutating func add(_ duration: Duration?) {
    add(duration.map { UInt64(bitPattern: $0.nanoseconds) &+ 1 } ?? 0)
  }

  mutating func add(_ retry: Retry?) {
    guard let retry else { return add(0 as UInt64) }
    add(UInt64(retry.count) + 1)
    add(retry.low)
    add(retry.high)
    for reason in retry.only.map({ "\($0)" }).sorted() { add(reason) }
  }
}
