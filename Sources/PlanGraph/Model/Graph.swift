package import PlanLanguage

/// What a node stands for.
package enum NodeKind: UInt8, Sendable {
  /// A step on a subject.
  case step
  /// A barrier of the plan on a subject.
  case barrier
  /// A join that the compiler put in to save edges.
  case join
  /// The begin of a block on its subject.
  case blockBegin
  /// The end of a block on its subject, after its handlers.
  case blockEnd
}

/// One node: 16 bytes; everything else about it is looked up by its identifiers.
package struct Node: Sendable {
  /// The index of the step's template, of the barrier's or join's item, or of the block.
  package let payload: UInt32
  package let subject: SubjectID
  /// The innermost block that it is inside of.
  ///
  /// A block's own begin and end are inside that block.
  package let block: BlockID
  package let kind: NodeKind

  /// A step on a subject.
  package init(_ template: StepTemplateID, on subject: SubjectID, in block: BlockID) {
    (payload, kind, self.subject, self.block) = (template.index, .step, subject, block)
  }

  /// A barrier or a join that belongs to an item.
  package init(_ kind: NodeKind, of item: ItemID, on subject: SubjectID, in block: BlockID) {
    (payload, self.kind, self.subject, self.block) = (item.index, kind, subject, block)
  }

  /// The begin or the end of a block.
  package init(_ kind: NodeKind, of block: BlockID, on subject: SubjectID) {
    (payload, self.kind, self.subject, self.block) = (block.index, kind, subject, block)
  }

  /// The template; for a step only.
  package var template: StepTemplateID { StepTemplateID(payload) }
  /// The item; for a barrier or a join only.
  package var item: ItemID { ItemID(payload) }
}

/// A block on one subject.
///
/// Its nodes are contiguous: `begin`, the body, the handlers' blocks, `end`.
package struct BlockInstance: Sendable {
  package var template: BlockTemplateID
  package var subject: SubjectID
  /// The block around it, or `BlockID.none`.
  package var parent: BlockID
  package var begin: NodeID
  package var end: NodeID
  /// The handler's block, or `BlockID.none`.
  ///
  /// No edge leads into a handler: the run enters it.
  package var onFailure: BlockID
  /// The handler's block, or `BlockID.none`.
  package var finally: BlockID
  /// For a handler: the handler of the same kind that is entered after this one, whatever its
  /// result; else `BlockID.none`.
  package var next: BlockID
}

/// A phase, a barrier or a rollout of the plan with its includes expanded.
package struct GraphItem: Sendable {
  package enum Kind: Hashable, Sendable {
    case phase
    case barrier
    case rollout
    /// The plan's own handlers.
    case planHandlers
  }

  package var kind: Kind
  /// The name of a phase.
  ///
  /// A barrier has the name of the phase after it, followed by ` barrier`.
  package var name: String
  package var scope: Scope
  package var location: Location
  package var documentation: String?
  /// The rollout that it is in.
  package var rollout: ItemID?
}

/// A checked plan for given subjects: steps and joins, and what each of them waits for.
///
/// The node numbers are an order of execution: every edge leads from a smaller to a larger one.
package struct Graph: Sendable {
  /// The plan's name.
  package var planName: String
  package var documentation: String?
  package var subjects: Subjects
  package var items: Table<ItemID, GraphItem>
  package var steps: Table<StepTemplateID, StepTemplate>
  package var blockTemplates: Table<BlockTemplateID, BlockTemplate>
  package var blocks: Table<BlockID, BlockInstance>
  /// Capacities of the limits over the whole run.
  package var limits: Table<LimitID, Int>
  package var nodes: Table<NodeID, Node>
  /// The files of the compilation, by `FileID`.
  package var sources: [SourceFile]

  /// Compressed rows: the predecessors of node n are
  /// `predecessorList[predecessorStart[n]..<predecessorStart[n + 1]]`, ascending.
  package var predecessorStart: [UInt32]
  package var predecessorList: [NodeID]
  package var successorStart: [UInt32]
  package var successorList: [NodeID]

  /// For a template, the first template of the same statement.
  ///
  /// A statement has several templates if its text has facts that differ; the dictionary is empty
  /// for most plans.
  package var statements: [StepTemplateID: StepTemplateID] = [:]

  /// The first template of the statement that a template comes from.
  package func statement(_ template: StepTemplateID) -> StepTemplateID {
    statements[template] ?? template
  }

  /// How many nodes there are.
  package var count: Int { nodes.count }

  /// What `node` waits for, ascending.
  package func predecessors(_ node: NodeID) -> ArraySlice<NodeID> {
    let index = Int(node.index)
    return predecessorList[Int(predecessorStart[index])..<Int(predecessorStart[index + 1])]
  }

  /// What waits for `node`, ascending.
  package func successors(_ node: NodeID) -> ArraySlice<NodeID> {
    let index = Int(node.index)
    return successorList[Int(successorStart[index])..<Int(successorStart[index + 1])]
  }

  /// The node itself.
  package subscript(_ node: NodeID) -> Node { nodes[node] }

  /// The template of a step node; nil for any other.
  package func step(_ node: NodeID) -> StepTemplate? {
    let entry = self[node]
    return entry.kind == .step ? steps[entry.template] : nil
  }

  /// The block instance.
  package subscript(_ block: BlockID) -> BlockInstance { blocks[block] }

  /// The template of a block.
  package func template(_ block: BlockID) -> BlockTemplate {
    blockTemplates[self[block].template]
  }

  /// Whether a block is one of the plan's own handlers or is inside one.
  package func isInHandlerOfPlan(_ block: BlockID) -> Bool {
    blocks(from: block).contains { block in
      let parent = self[block].parent
      return parent != .none && template(parent).kind == .plan && template(block).kind.isHandler
    }
  }

  /// The item that a node belongs to.
  package func item(_ node: NodeID) -> ItemID {
    let entry = self[node]
    switch entry.kind {
    case .step: return steps[entry.template].item
    case .barrier, .join: return entry.item
    case .blockBegin, .blockEnd: return template(entry.block).item
    }
  }

  /// How many nodes are steps.
  package var stepCount: Int { nodes.reduce(0) { $0 + ($1.kind == .step ? 1 : 0) } }

  /// The full name: `phase:deployment-job/instance/release-job#statement` for a step.
  package func name(_ node: NodeID) -> String {
    let entry = self[node]
    let item = items[item(node)]
    let path = subjects.path(entry.subject)
    switch entry.kind {
    case .step: return "\(item.name):\(path)#\(steps[entry.template].name)"
    case .barrier: return "\(item.name):\(path)"
    case .join: return "\(item.name):\(path)#join"
    case .blockBegin: return "\(item.name):\(path)#\(template(entry.block).name)"
    case .blockEnd: return "\(item.name):\(path)#\(template(entry.block).name).end"
    }
  }
}
