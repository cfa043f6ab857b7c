@testable import PlanGraph
import PlanLanguage

/// A graph built by hand: steps on release jobs or instances of one deployment job, without edges,
/// because the run decides the order.
struct TestGraph {
  var graph: Graph
  /// The only instance.
  let instance: SubjectID

  init(releaseJobs: [String]) {
    var subjects = Subjects()
    let job = subjects.append("vm", in: .deployment)
    instance = subjects.append("0", in: job)
    for name in releaseJobs { _ = subjects.append(name, in: instance) }
    graph = Graph(
      planName: "test",
      documentation: nil,
      subjects: subjects,
      items: [],
      steps: [],
      blockTemplates: [],
      blocks: [],
      limits: [],
      nodes: [],
      sources: [],
      predecessorStart: [0],
      predecessorList: [],
      successorStart: [0],
      successorList: []
    )
  }

  /// The subject of a release job, or of the instance for nil.
  func subject(_ releaseJob: String?) -> SubjectID {
    guard let releaseJob else { return instance }
    for subject in graph.subjects.members(of: instance, at: .releaseJob)
    where graph.subjects.name(subject) == releaseJob {
      return subject
    }
    preconditionFailure("no release job \(releaseJob) in this test")
  }

  private static let nowhere = Location(FileID(0), Span(0, 0))

  /// Adds a step in its own phase and returns its node.
  mutating func add(
    _ action: StepAction,
    name: String = "step",
    phase: String = "phase",
    on releaseJob: String? = nil,
    environment: [(String, String)] = [],
    settle: Duration = .zero,
    every: Duration = .milliseconds(10),
    isIdempotent: Bool = true
  ) -> NodeID {
    let item = graph.items.append(
      GraphItem(
        kind: .phase,
        name: phase,
        scope: releaseJob == nil ? .instance : .releaseJob,
        location: Self.nowhere,
        documentation: nil,
        rollout: nil
      )
    )
    let template = graph.steps.append(
      StepTemplate(
        name: name,
        action: action,
        StepTemplate.Rules(
          grace: .seconds(10),
          settle: settle,
          every: every,
          environment: environment.map {
            EnvironmentVariable(name: $0.0, value: $0.1, isSecret: false)
          },
          isIdempotent: isIdempotent
        ),
        item: item,
        location: Self.nowhere,
        documentation: nil
      )
    )
    return addNode(template: template, on: releaseJob)
  }

  /// Adds a node of an existing template.
  mutating func addNode(template: StepTemplateID, on releaseJob: String?) -> NodeID {
    addNode(template: template, subject: subject(releaseJob))
  }

  /// Adds a node of an existing template.
  mutating func addNode(template: StepTemplateID, subject: SubjectID) -> NodeID {
    graph.predecessorStart.append(0)
    graph.successorStart.append(0)
    return graph.nodes.append(Node(template, on: subject, in: .none))
  }
}
