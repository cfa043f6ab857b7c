package import PlanLanguage

/// The part of a plan that a machine gets: some steps, without their order.
extension Graph {
  /// A graph without steps, to be filled with `append…`; it has no edges, and one block.
  ///
  /// Steps that are not certain to run are in that block, which is optional.
  package static var unordered: Graph {
    Graph(
      planName: "",
      documentation: nil,
      subjects: Subjects(),
      items: [],
      steps: [],
      blockTemplates: [
        BlockTemplate(
          kind: .plan,
          name: "",
          retry: nil,
          timeout: nil,
          isOptional: true,
          condition: nil,
          skipReason: nil,
          slots: nil,
          closesAfterFailure: false,
          limits: [],
          takesBlockSlot: false,
          item: ItemID(0),
          location: .inNoFile
        )
      ],
      blocks: [
        BlockInstance(
          template: BlockTemplateID(0),
          subject: .deployment,
          parent: .none,
          begin: NodeID(0),
          end: NodeID(0),
          onFailure: .none,
          finally: .none,
          next: .none
        )
      ],
      limits: [],
      nodes: [],
      sources: [],
      predecessorStart: [0],
      predecessorList: [],
      successorStart: [0],
      successorList: []
    )
  }

  /// Adds a phase, or another item that steps belong to, to an unordered graph.
  package mutating func appendPhase(_ name: String, _ scope: Scope) {
    items.append(
      GraphItem(
        kind: .phase,
        name: name,
        scope: scope,
        location: .inNoFile,
        documentation: nil,
        rollout: nil
      )
    )
  }

  /// Adds a step to an unordered graph.
  ///
  /// - Parameters:
  ///   - template: one that the graph has.
  ///   - subject: one that the graph has.
  ///   - isCertain: whether it certainly runs, and its failure counts, if nothing fails before it.
  /// - Returns: the step's number.
  package mutating func appendStep(
    _ template: StepTemplateID,
    on subject: SubjectID,
    isCertain: Bool
  ) -> NodeID {
    predecessorStart.append(0)
    successorStart.append(0)
    return nodes.append(Node(template, on: subject, in: isCertain ? .none : BlockID(0)))
  }
}

extension Location {
  /// For what was not read from a file.
  package static let inNoFile = Location(FileID(0), Span(0, 0))
}
