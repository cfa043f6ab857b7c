package import PlanLanguage

/// What a node stands for; says what `Node.payload` is the index of.
package enum NodeKind: UInt8, Sendable {
  /// A step on a subject; the payload is its template in `Graph.steps`.
  case step
  /// A barrier of the plan on a subject; the payload is its item in `Graph.items`.
  case barrier
  /// A join that the compiler put in to save edges; the payload is the item it belongs to.
  case join
  /// Where a block begins on its subject; the payload is the block in `Graph.blocks`.
  case blockBegin
  /// Where it ends, its handlers included; the payload is the block.
  case blockEnd
}

/// One node: 16 bytes; everything else about it is looked up by its numbers.
package struct Node: Sendable {
  package var payload: UInt32
  package var subject: SubjectID
  /// The innermost block that it is inside of.
  ///
  /// A block's own begin and end are inside that block.
  package var block: BlockID
  package var kind: NodeKind
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
  /// For a handler: the handler of the same kind that is entered when this one has ended, however
  /// it did; else `BlockID.none`.
  package var next: BlockID
}

/// A phase, a barrier or a rollout as it stands in the plan, includes put in place.
package struct GraphItem: Sendable {
  package enum Kind: Hashable, Sendable {
    case phase
    case barrier
    case rollout
    /// The plan's own handlers.
    case planHandlers
  }

  package var kind: Kind
  /// A phase's name; a barrier's is that of the phase behind it and ` barrier`.
  package var name: String
  package var scope: Scope
  package var location: Location
  package var documentation: String?
  /// The rollout that it stands in.
  package var rollout: ItemID?
}

/// A checked plan on given subjects: steps and joins, and for each what it waits for.
///
/// The node numbers are an order of execution: every edge leads from a smaller to a larger one.
package struct Graph: Sendable {
  /// The plan's name.
  package var planName: String
  package var documentation: String?
  package var subjects: Subjects
  package var items: [GraphItem]
  package var steps: [StepTemplate]
  package var blockTemplates: [BlockTemplate]
  package var blocks: [BlockInstance]
  /// Capacities of the limits over the whole run.
  package var limits: [Int]
  package var nodes: [Node]
  /// The files of the compilation, by `FileID`.
  package var sources: [SourceFile]

  /// Compressed rows: the predecessors of node n are
  /// `predecessorList[predecessorStart[n]..<predecessorStart[n + 1]]`, ascending.
  package var predecessorStart: [UInt32]
  package var predecessorList: [UInt32]
  package var successorStart: [UInt32]
  package var successorList: [UInt32]

  /// By template, the first one of the same statement, where facts in its text make several of it;
  /// empty for most plans.
  package var statements: [UInt32: UInt32] = [:]

  /// The number that all templates of one statement have in common.
  package func statement(_ template: UInt32) -> UInt32 { statements[template] ?? template }

  /// How many nodes there are.
  package var count: Int { nodes.count }

  /// What `node` waits for, ascending.
  package func predecessors(_ node: NodeID) -> ArraySlice<UInt32> {
    let index = Int(node.index)
    return predecessorList[Int(predecessorStart[index])..<Int(predecessorStart[index + 1])]
  }

  /// What waits for `node`, ascending.
  package func successors(_ node: NodeID) -> ArraySlice<UInt32> {
    let index = Int(node.index)
    return successorList[Int(successorStart[index])..<Int(successorStart[index + 1])]
  }

  /// The node itself.
  package subscript(_ node: NodeID) -> Node { nodes[Int(node.index)] }

  /// The template of a step node; nil for any other.
  package func step(_ node: NodeID) -> StepTemplate? {
    let entry = self[node]
    return entry.kind == .step ? steps[Int(entry.payload)] : nil
  }

  /// The block instance.
  package subscript(_ block: BlockID) -> BlockInstance { blocks[Int(block.index)] }

  /// The template of a block.
  package func template(_ block: BlockID) -> BlockTemplate {
    blockTemplates[Int(self[block].template.index)]
  }

  /// Whether a block is one of the plan's own handlers, or stands in one.
  package func isInHandlerOfPlan(_ block: BlockID) -> Bool {
    var block = block
    while block != .none {
      let parent = self[block].parent
      switch template(block).kind {
      case .onFailure, .finally:
        if parent != .none, template(parent).kind == .plan { return true }
      default: break
      }
      block = parent
    }
    return false
  }

  /// The item that a node belongs to.
  package func item(_ node: NodeID) -> ItemID {
    let entry = self[node]
    switch entry.kind {
    case .step: return steps[Int(entry.payload)].item
    case .barrier, .join: return ItemID(entry.payload)
    case .blockBegin, .blockEnd: return template(BlockID(entry.payload)).item
    }
  }

  /// How many nodes are steps.
  package var stepCount: Int { nodes.reduce(0) { $0 + ($1.kind == .step ? 1 : 0) } }

  /// The full name: `phase:deployment-job/instance/release-job#statement` for a step.
  package func name(_ node: NodeID) -> String {
    let entry = self[node]
    let item = items[Int(item(node).index)]
    let path = subjects.path(entry.subject)
    switch entry.kind {
    case .step: return "\(item.name):\(path)#\(steps[Int(entry.payload)].name)"
    case .barrier: return "\(item.name):\(path)"
    case .join: return "\(item.name):\(path)#join"
    case .blockBegin: return "\(item.name):\(path)#\(template(BlockID(entry.payload)).name)"
    case .blockEnd: return "\(item.name):\(path)#\(template(BlockID(entry.payload)).name).end"
    }
  }
}
