import Execution
import PlanGraph

/// A mistake that a run or its driver could make, to show that the checker finds it.
package enum Fault: String, CaseIterable, Sendable {
  // In what the run assumes about the plan.
  case aBarrierWaitsForOneTooFew
  case aStepDoesNotWaitForTheOneBeforeIt
  case limitsLetInOneTooMany
  case blocksLetInOneTooMany
  case oneTooManyUnderWay
  case oneAttemptTooMany
  case oneAttemptOfABlockTooMany
  case finallyIsForgotten
  case onFailureIsForgotten
  case everyFailurePasses
  case everythingIsIdempotent
  case stepsHaveNoTimeout
  case rolloutsGoOnAfterAFailure
  case limitsLetInOneTooFew
  case blocksLetInOneTooFew
  case oneTooFewUnderWay
  // In what drives the run.
  case aPauseNeverEnds
  case aStartIsLost
  case aStartIsPutOff
  case nothingWaitsForTheDisk
  case peopleAreToldTooEarly
  case nothingIsKilled
  case anAttemptIsTakenForEnded
  case orphansAreForgotten
  case whatIsLostSucceeded
  case aRecordIsForgotten
  case nothingIsAskedAgain

  /// What the complaint must contain.
  package var complaint: String {
    switch self {
    case .aBarrierWaitsForOneTooFew, .aStepDoesNotWaitForTheOneBeforeIt: "starts"
    case .limitsLetInOneTooMany: "in a limit"
    case .blocksLetInOneTooMany: "slots of a block"
    case .oneTooManyUnderWay: "under way at once"
    case .oneAttemptTooMany: "has too many attempts"
    case .oneAttemptOfABlockTooMany: "a block has too many attempts"
    case .finallyIsForgotten: "a 'finally' is not entered"
    case .onFailureIsForgotten: "an 'on failure' is not entered"
    case .everyFailurePasses: "is taken for optional"
    case .everythingIsIdempotent: "nobody said that it may be"
    case .stepsHaveNoTimeout: "it does not end"
    case .rolloutsGoOnAfterAFailure: "although the rollout has failed"
    case .limitsLetInOneTooFew, .blocksLetInOneTooFew, .oneTooFewUnderWay:
      "is left waiting although it could start"
    case .aStartIsPutOff: "is not started when it may be"
    case .aPauseNeverEnds, .aStartIsLost, .nothingIsKilled: "it does not end"
    case .nothingWaitsForTheDisk: "is on disk"
    case .peopleAreToldTooEarly: "people are told of what is not on disk"
    case .anAttemptIsTakenForEnded, .orphansAreForgotten:
      "is taken for ended while it is under way"
    case .whatIsLostSucceeded: "is said to have ended as it did not"
    case .aRecordIsForgotten: "the records give another state"
    case .nothingIsAskedAgain: "brought about is gone"
    }
  }

  /// The mistakes whose only effect is that something waits longer than necessary.
  package static let delays: [Fault] = [
    .limitsLetInOneTooFew, .blocksLetInOneTooFew, .oneTooFewUnderWay, .aStartIsPutOff,
  ]

  /// The plan as the run sees it.
  func graph(_ graph: Graph) -> Graph {
    var graph = graph
    switch self {
    case .aBarrierWaitsForOneTooFew:
      graph.dropEdge { graph, _, later in
        graph[later].kind == .barrier || graph[later].kind == .join
      }
    case .aStepDoesNotWaitForTheOneBeforeIt:
      graph.dropEdge { graph, earlier, later in
        graph[earlier].kind == .step && graph[later].kind == .step
      }
    case .limitsLetInOneTooMany:
      for index in graph.limits.indices { graph.limits[index] += 1 }
    case .blocksLetInOneTooMany:
      for index in graph.blockTemplates.indices {
        graph.blockTemplates[index].slots = graph.blockTemplates[index].slots.map { $0 + 1 }
      }
    case .oneAttemptTooMany:
      for index in graph.steps.indices { graph.steps[index].change { $0.retry?.count += 1 } }
    case .oneAttemptOfABlockTooMany:
      for index in graph.blockTemplates.indices { graph.blockTemplates[index].retry?.count += 1 }
    case .finallyIsForgotten:
      for block in graph.blocks.indices { graph.blocks[block].finally = .none }
    case .onFailureIsForgotten:
      for block in graph.blocks.indices { graph.blocks[block].onFailure = .none }
    case .everyFailurePasses:
      for index in graph.steps.indices { graph.steps[index].change { $0.isOptional = true } }
    case .everythingIsIdempotent:
      for index in graph.steps.indices { graph.steps[index].change { $0.isIdempotent = true } }
    case .stepsHaveNoTimeout:
      for index in graph.steps.indices { graph.steps[index].change { $0.timeout = nil } }
    case .rolloutsGoOnAfterAFailure:
      for index in graph.blockTemplates.indices {
        graph.blockTemplates[index].closesAfterFailure = false
      }
    case .limitsLetInOneTooFew:
      for index in graph.limits.indices { graph.limits[index] = max(1, graph.limits[index] - 1) }
    case .blocksLetInOneTooFew:
      for index in graph.blockTemplates.indices {
        graph.blockTemplates[index].slots = graph.blockTemplates[index].slots.map { max(1, $0 - 1) }
      }
    default: break
    }
    return graph
  }

  /// The person's wishes as the run sees them.
  func policy(_ policy: RunPolicy) -> RunPolicy {
    var policy = policy
    if self == .oneTooManyUnderWay { policy.parallel += 1 }
    if self == .oneTooFewUnderWay { policy.parallel = max(1, policy.parallel - 1) }
    return policy
  }
}

extension Graph {
  /// Removes the first edge that matches.
  fileprivate mutating func dropEdge(where isWanted: (Graph, NodeID, NodeID) -> Bool) {
    for later in nodes.indices {
      guard let earlier = predecessors(later).last(where: { isWanted(self, $0, later) }) else {
        continue
      }
      Self.drop(earlier, from: later, &predecessorStart, &predecessorList)
      Self.drop(later, from: earlier, &successorStart, &successorList)
      return
    }
  }

  /// Removes a node from another node's row.
  private static func drop(
    _ node: NodeID,
    from row: NodeID,
    _ start: inout [UInt32],
    _ list: inout [NodeID]
  ) {
    let index = Int(row.index)
    let range = Int(start[index])..<Int(start[index + 1])
    guard let place = list[range].firstIndex(of: node) else { return }
    list.remove(at: place)
    for next in index + 1..<start.count { start[next] -= 1 }
  }
}
