import PlanLanguage

extension Assembly {
  /// The block of the whole plan if it has a timeout or handlers; otherwise nil.
  mutating func compilePlanBlock(
    _ settings: Settings?,
    _ contexts: [FileID: PhaseCompiler.Context]
  ) -> (template: BlockTemplateID, handlers: [(isFailure: Bool, block: CompiledBlock)])? {
    let hasHandlers = units.contains { !$0.plan.handlers.isEmpty }
    guard settings?.timeout != nil || hasHandlers else { return nil }
    let item = items.append(
      GraphItem(
        kind: .planHandlers,
        name: root.plan.name.text,
        scope: .deployment,
        location: root.location(root.plan.name.span),
        documentation: nil,
        rollout: nil
      )
    )
    let template = compiler.planBlock(
      name: root.plan.name.text,
      timeout: settings?.timeout,
      item: item,
      location: root.location(root.plan.name.span),
      timeoutSpan: settings?.timeoutSpan.map { root.location($0) }
    )
    var handlers: [(isFailure: Bool, block: CompiledBlock)] = []
    for unit in units {
      guard
        let context = contexts[unit.source.id]?.forHandlers(
          item,
          of: .deployment,
          planNames
        )
      else { continue }
      for handler in unit.plan.handlers {
        compiler.facts.enter(
          .deployment,
          "the plan's own handlers are for the whole deployment"
        )
        let own = compiler.withOwnEnvironment(context)
        handlers.append((handler.kind == .onFailure, compiler.compile(handler, own)))
        _ = compiler.facts.leave()
      }
    }
    return (template, handlers)
  }

  func emit(
    _ compiled: [CompiledItem],
    _ planBlock: (template: BlockTemplateID, handlers: [(isFailure: Bool, block: CompiledBlock)])?,
    into emitter: inout Emitter
  ) {
    var plan: BlockID?
    if let planBlock {
      let id = emitter.open(planBlock.template, on: .deployment, after: [])
      emitter.frontier.set(.deployment, emitter.blocks[id].begin)
      plan = id
    }
    var stretch: [CompiledItem] = []
    var isBehindJoin = true
    for item in compiled {
      if item.dividesStretches {
        let isJoin = item.joinsDeployment
        emit(stretch: stretch, isBetweenJoins: isBehindJoin && isJoin, into: &emitter)
        stretch = []
        emitter.emit(item, within: .deployment)
        isBehindJoin = isJoin
      } else {
        stretch.append(item)
      }
    }
    emit(stretch: stretch, isBetweenJoins: isBehindJoin, into: &emitter)
    if let plan, let planBlock {
      let exits = emitter.frontier.take(.deployment)
      for handler in planBlock.handlers {
        emitter.emitHandler(
          handler.block,
          on: .deployment,
          of: plan,
          isFailure: handler.isFailure
        )
      }
      _ = emitter.close(plan, after: exits)
    }
  }

  /// Emits everything between two dividers, deployment job by deployment job, in the order of
  /// `after`.
  ///
  /// Each waits for the last nodes of those that it comes after, even if they had nothing to do.
  ///
  /// If both dividers join the whole deployment, everything on a deployment job waits for one node
  /// and comes before another. Next to a side-by-side phase that would be too strict, so there each
  /// subject waits for itself.
  func emit(stretch: [CompiledItem], isBetweenJoins: Bool, into emitter: inout Emitter) {
    guard let first = stretch.first else { return }
    var hasDependents = [Bool](repeating: false, count: deployment.jobs.count)
    for job in deployment.jobs { for earlier in job.after { hasDependents[earlier] = true } }
    var exits = [NodeID?](repeating: nil, count: deployment.jobs.count)
    for index in deployment.order {
      let job = deployment.jobs[index]
      let before = Set(job.after.compactMap { exits[$0] }).sorted()
      let entry = emitter.joined(before, itemID(first), job.subject)
      if let entry, isBetweenJoins { emitter.frontier.set(job.subject, entry) }
      if !isBetweenJoins { emitter.hold(by: entry) }
      for item in stretch {
        if case .rollout(let rollout) = item {
          emitter.emit(rollout, on: job.subject, at: index)
        } else {
          emitter.emit(item, within: job.subject)
        }
      }
      emitter.hold(by: nil)
      guard hasDependents[index] else { continue }
      if !isBetweenJoins {
        let tails = emitter.frontier.inside(job.subject) ?? []
        let all = Set(tails + [entry].compactMap { $0 }).sorted()
        exits[index] = emitter.joined(all, itemID(first), job.subject)
      } else if let tails = emitter.frontier.takeInside(job.subject),
        let exit = emitter.joined(tails, itemID(first), job.subject)
      {
        emitter.frontier.set(job.subject, exit)
        exits[index] = exit
      }
    }
  }

  /// The successors, computed from the predecessors by counting.
  func transposed(_ emitter: Emitter) -> (start: [UInt32], list: [NodeID]) {
    let count = emitter.nodes.count
    var start = [UInt32](repeating: 0, count: count + 1)
    for predecessor in emitter.predecessorList { start[Int(predecessor.index) + 1] += 1 }
    for index in 0..<count { start[index + 1] += start[index] }
    var next = start
    var list = [NodeID](repeating: NodeID(0), count: emitter.predecessorList.count)
    for node in 0..<count {
      let range = Int(emitter.predecessorStart[node])..<Int(emitter.predecessorStart[node + 1])
      for edge in range {
        let predecessor = Int(emitter.predecessorList[edge].index)
        list[Int(next[predecessor])] = NodeID(UInt32(node))
        next[predecessor] += 1
      }
    }
    return (start, list)
  }
}
