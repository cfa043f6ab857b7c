package import PlanGraph
import PlanLanguage

/// The plan of one VM, put together again from its parts.
///
/// The graph has the steps of the VM alone, and no order: see `Graph.unordered`.
package struct VMPlan: Sendable {
  /// The steps, in the order of the near end's numbers.
  package private(set) var graph: Graph
  /// The near end's number of each step.
  package private(set) var nodes: Table<NodeID, NodeID> = []
  /// The beginning of the names of each template's logs.
  package private(set) var stems: Table<StepTemplateID, String?> = []
  /// Whether the last part has come.
  package private(set) var isWhole = false

  private var own: [NodeID: NodeID] = [:]
  private var templates: [StepTemplateID: StepTemplateID] = [:]
  private var subjects: [SubjectID] = [.deployment]

  /// Makes a plan that has no steps yet.
  package init() { graph = .unordered }

  /// The number here of one of the near end's steps; nil if the VM does not have it.
  package func node(_ near: NodeID) -> NodeID? { own[near] }

  /// Takes in the next part.
  ///
  /// - Throws: what in it cannot be.
  package mutating func add(_ part: PlanPart) throws(WireFailure) {
    if isWhole { throw WireFailure("a part of the plan came after the last one") }
    graph.planName = part.name
    for subject in part.subjects { try add(subject) }
    for item in part.items { graph.appendPhase(item.name, item.scope) }
    for template in part.templates {
      guard template.step.item.index < graph.items.count else {
        throw WireFailure("a step of the plan is in no phase")
      }
      if templates[template.id] != nil { throw WireFailure("a template of the plan came twice") }
      templates[template.id] = graph.steps.append(template.step)
      stems.append(template.stem)
    }
    for step in part.steps {
      guard let template = templates[step.template], step.subject < subjects.count else {
        throw WireFailure("a step of the plan has no template or no subject")
      }
      if own[step.node] != nil { throw WireFailure("a step of the plan came twice") }
      own[step.node] = graph.appendStep(
        template,
        on: subjects[Int(step.subject)],
        isCertain: step.isCertain
      )
      nodes.append(step.node)
    }
    isWhole = part.isLast
  }

  private mutating func add(_ subject: PlanPart.Subject) throws(WireFailure) {
    guard subject.parent < subjects.count else {
      throw WireFailure("a subject of the plan is in none")
    }
    let parent = subjects[Int(subject.parent)]
    guard graph.subjects.scope(parent) != .releaseJob,
      graph.subjects.subtree(parent).upperBound == graph.subjects.indices.upperBound
    else { throw WireFailure("a subject of the plan is in the wrong place") }
    subjects.append(graph.subjects.append(subject.name, in: parent))
  }
}
