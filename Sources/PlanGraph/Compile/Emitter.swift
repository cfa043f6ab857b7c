import PlanLanguage

/// Applies compiled items to their subjects: makes the nodes and the edges between them.
struct Emitter {
  let subjects: Subjects
  let site: Site
  let steps: Table<StepTemplateID, StepTemplate>

  private(set) var nodes: Table<NodeID, Node> = []
  private(set) var blocks: Table<BlockID, BlockInstance> = []
  private(set) var predecessorStart: [UInt32] = [0]
  private(set) var predecessorList: [NodeID] = []
  var frontier: Frontier
  /// The block in which nodes are made now.
  private var block = BlockID.none
  /// The node that everything on the current deployment job also has to wait for because of
  /// `after`, and the first node that waits for it.
  ///
  /// Nil if the deployment job's tail takes care of that.
  private var held: (by: NodeID, from: NodeID)?
  private var pathOfInstance: (SubjectID, String)?
  /// Whether there is a node of a template.
  private(set) var usedSteps: Table<StepTemplateID, Bool>
  /// The release jobs named by each phase that names any.
  private(set) var named: [ItemID: NamedReleaseJobs] = [:]

  init(subjects: Subjects, site: Site, steps: Table<StepTemplateID, StepTemplate>) {
    self.subjects = subjects
    self.site = site
    self.steps = steps
    frontier = Frontier(subjects)
    usedSteps = Table(repeating: false, count: steps.count)
  }

  // MARK: Nodes

  private mutating func add(_ node: Node, after predecessors: [NodeID]) -> NodeID {
    predecessorList += predecessors
    predecessorStart.append(UInt32(predecessorList.count))
    return nodes.append(node)
  }

  private mutating func add(
    _ template: StepTemplateID,
    _ subject: SubjectID,
    after predecessors: [NodeID]
  ) -> NodeID {
    usedSteps[template] = true
    return add(Node(template, on: subject, in: block), after: predecessors)
  }

  /// A single node after all of these: the only tail, or a new join.
  mutating func joined(_ tails: [NodeID], _ item: ItemID, _ subject: SubjectID) -> NodeID? {
    tails.count > 1
      ? add(Node(.join, of: item, on: subject, in: block), after: tails) : tails.first
  }

  // MARK: Blocks

  /// Opens a block on a subject: makes its begin.
  ///
  /// Nodes made after it are inside the block.
  mutating func open(
    _ template: BlockTemplateID,
    on subject: SubjectID,
    after predecessors: [NodeID]
  ) -> BlockID {
    let id = blocks.append(
      BlockInstance(
        template: template,
        subject: subject,
        parent: block,
        begin: nodes.endIndex,
        end: nodes.endIndex,
        onFailure: .none,
        finally: .none,
        next: .none
      )
    )
    block = id
    _ = add(Node(.blockBegin, of: id, on: subject), after: predecessors)
    return id
  }

  /// Closes the innermost block: makes its end after these nodes and returns it.
  mutating func close(_ id: BlockID, after predecessors: [NodeID]) -> NodeID {
    let end = add(
      Node(.blockEnd, of: id, on: blocks[id].subject),
      after: predecessors.isEmpty ? [blocks[id].begin] : predecessors
    )
    blocks[id].end = end
    block = blocks[id].parent
    return end
  }

  /// Makes a handler's block inside the block that is open.
  ///
  /// No edge leads into it.
  mutating func emitHandler(
    _ handler: CompiledBlock,
    on subject: SubjectID,
    of owner: BlockID,
    isFailure: Bool
  ) {
    guard let template = handler.template else {
      preconditionFailure("a handler is always a block")
    }
    guard willEmit(handler, subject) else { return }
    let id = open(template, on: subject, after: [])
    let exits = emitBody(handler, subject, after: [blocks[id].begin]) ?? []
    emitHandlers(of: handler, on: subject, in: id)
    _ = close(id, after: exits)
    // After the handlers of the same kind that exist already.
    var last = isFailure ? blocks[owner].onFailure : blocks[owner].finally
    if last == .none {
      if isFailure {
        blocks[owner].onFailure = id
      } else {
        blocks[owner].finally = id
      }
      return
    }
    while blocks[last].next != .none { last = blocks[last].next }
    blocks[last].next = id
  }

  private mutating func emitHandlers(
    of compiled: CompiledBlock,
    on subject: SubjectID,
    in id: BlockID
  ) {
    for handler in compiled.onFailure {
      emitHandler(handler, on: subject, of: id, isFailure: true)
    }
    for handler in compiled.finally {
      emitHandler(handler, on: subject, of: id, isFailure: false)
    }
  }

  // MARK: Statements

  /// Puts a block on a subject, and returns its last nodes; nil if it has nothing to do.
  private mutating func emit(
    _ compiled: CompiledBlock,
    _ subject: SubjectID,
    after predecessors: [NodeID]
  ) -> [NodeID]? {
    guard let template = compiled.template else {
      return emitBody(compiled, subject, after: predecessors)
    }
    guard willEmit(compiled, subject) else { return nil }
    let id = open(template, on: subject, after: predecessors)
    let exits = emitBody(compiled, subject, after: [blocks[id].begin]) ?? []
    emitHandlers(of: compiled, on: subject, in: id)
    return [close(id, after: exits)]
  }

  private mutating func emitBody(
    _ compiled: CompiledBlock,
    _ subject: SubjectID,
    after predecessors: [NodeID]
  ) -> [NodeID]? {
    var current = predecessors
    var exits: [NodeID] = []
    var hasEmitted = false
    if compiled.isParallel, predecessors.count > 1, compiled.statements.count > 1,
      willEmit(compiled, subject), let item = firstItem(compiled),
      let join = joined(predecessors, item, subject)
    {
      current = [join]
    }
    for statement in compiled.statements {
      let last: [NodeID]?
      switch statement {
      case .step(let template, let need, .none):
        last = takesPart(subject, need) ? [add(template, subject, after: current)] : nil
      case .step(let template, let need, .releaseJobs(let names)):
        last = emit(template, need, names, on: subject, after: current)
      case .block(let inner):
        last = emit(inner, subject, after: current)
      }
      guard let last else { continue }
      hasEmitted = true
      if compiled.isParallel {
        exits += last
      } else {
        current = last
      }
    }
    guard hasEmitted else { return nil }
    return compiled.isParallel ? exits : current
  }

  /// Puts a step on the release jobs of an instance, side by side; nil if none takes part.
  private mutating func emit(
    _ template: StepTemplateID,
    _ need: Need,
    _ names: Set<String>?,
    on instance: SubjectID,
    after predecessors: [NodeID]
  ) -> [NodeID]? {
    let jobs = releaseJobs(of: instance, names, need)
    if jobs.isEmpty { return nil }
    var current = predecessors
    if jobs.count > 1, current.count > 1,
      let join = joined(current, steps[template].item, instance)
    {
      current = [join]
    }
    return jobs.map { add(template, $0, after: current) }
  }

  /// The release jobs of an instance that a step applies to and that take part.
  private mutating func releaseJobs(
    of instance: SubjectID,
    _ names: Set<String>?,
    _ need: Need
  ) -> [SubjectID] {
    var found: [SubjectID] = []
    for job in subjects.members(of: instance, at: .releaseJob)
    where names?.contains(subjects.name(job)) ?? true {
      if takesPart(job, need) { found.append(job) }
    }
    return found
  }

  private func firstItem(_ compiled: CompiledBlock) -> ItemID? {
    for statement in compiled.statements {
      switch statement {
      case .step(let template, _, _): return steps[template].item
      case .block(let inner): if let item = firstItem(inner) { return item }
      }
    }
    return nil
  }

  private mutating func willEmit(_ compiled: CompiledBlock, _ subject: SubjectID) -> Bool {
    for statement in compiled.statements {
      switch statement {
      case .step(_, let need, .none): if takesPart(subject, need) { return true }
      case .step(_, let need, .releaseJobs(let names)):
        if !releaseJobs(of: subject, names, need).isEmpty { return true }
      case .block(let inner): if willEmit(inner, subject) { return true }
      }
    }
    return false
  }

  private mutating func takesPart(_ subject: SubjectID, _ need: Need) -> Bool {
    switch need {
    case .nothing: return true
    case .script(let name):
      guard subjects.scope(subject) == .releaseJob else { return true }
      return site.hasScript(path(subjects.parent(subject)), subjects.name(subject), name)
    case .processes:
      switch subjects.scope(subject) {
      case .releaseJob:
        return site.hasProcesses(path(subjects.parent(subject)), subjects.name(subject))
      case .instance:
        let instance = path(subject)
        return subjects.members(of: subject, at: .releaseJob).contains {
          site.hasProcesses(instance, subjects.name($0))
        }
      case .deploymentJob, .deployment: return true
      }
    }
  }

  private mutating func path(_ instance: SubjectID) -> String {
    if let known = pathOfInstance, known.0 == instance { return known.1 }
    let path = subjects.path(instance)
    pathOfInstance = (instance, path)
    return path
  }

  // MARK: Items

  /// Makes everything that is put on subjects from now on also wait for a node; nil for none.
  mutating func hold(by node: NodeID?) { held = node.map { ($0, nodes.endIndex) } }

  /// What must have passed before something starts on a subject.
  ///
  /// The caller must `set` the subject afterwards.
  private mutating func takeBefore(_ subject: SubjectID) -> [NodeID] {
    let before = frontier.take(subject)
    guard isHeld(before), let held else { return before }
    return (before + [held.by]).sorted()
  }

  /// Whether none of these nodes waits for the node that holds the deployment job.
  private func isHeld(_ before: [NodeID]) -> Bool {
    guard let held else { return false }
    return !before.contains { $0 >= held.from || $0 == held.by }
  }

  /// Puts an item on each of its subjects that is `holder`, is inside it, or (for the whole
  /// deployment) is around it.
  mutating func emit(_ item: CompiledItem, within holder: SubjectID) {
    switch item {
    case .phase(let phase):
      for subject in subjects.members(of: holder, at: phase.scope)
      where phase.selects(subject, in: subjects) {
        let before = takeBefore(subject)
        let exits = emit(phase.body(for: subject), subject, after: before)
        if phase.releaseJobs != nil, phase.scope == .releaseJob {
          named[phase.item, default: NamedReleaseJobs(param: phase.releaseJobParam)]
            .meet(subjects.name(subject), takesPart: exits != nil)
        }
        // A phase with nothing to do on a wide subject still joins what the subject holds, like a
        // barrier.
        let last = exits ?? (phase.scope > .releaseJob || held != nil ? before : [])
        if let tail = joined(last, phase.item, subject) {
          frontier.set(subject, tail)
        }
      }
    case .barrier(let item, let scope):
      for subject in subjects.members(of: holder, at: scope)
      where frontier.hasLater(inside: subject) || isHeld(frontier.inside(subject) ?? []) {
        let before = takeBefore(subject)
        frontier.set(
          subject,
          add(Node(.barrier, of: item, on: subject, in: block), after: before)
        )
      }
    case .rollout:
      preconditionFailure("a rollout is put on each deployment job")
    }
  }

  /// Puts a rollout on the deployment job at `index` in the list.
  mutating func emit(_ rollout: CompiledRollout, on job: SubjectID, at index: Int) {
    let instances = subjects.members(of: job, at: .instance).filter { instance in
      rollout.items.contains { willEmit($0, within: instance) }
    }
    guard !instances.isEmpty else { return }
    let (template, canaries) = rollout.blocks[index]
    let before = takeBefore(job)
    let outer = open(template, on: job, after: before)
    var entrance = blocks[outer].begin
    var exits: [NodeID] = []
    for (position, instance) in instances.enumerated() {
      if position == canaries, position > 0,
        let join = joined(exits, rollout.item, job)
      {
        entrance = join
        exits = [join]
      }
      let entry = open(rollout.entry, on: instance, after: [entrance])
      frontier.set(instance, blocks[entry].begin)
      for item in rollout.items { emit(item, within: instance) }
      let last = frontier.takeInside(instance) ?? []
      for handler in rollout.handlers {
        emitHandler(handler.block, on: instance, of: entry, isFailure: handler.isFailure)
      }
      exits.append(close(entry, after: last))
    }
    _ = frontier.takeInside(job)
    frontier.set(job, close(outer, after: exits))
  }

  private mutating func willEmit(_ item: CompiledItem, within instance: SubjectID) -> Bool {
    guard case .phase(let phase) = item else { return false }
    return subjects.members(of: instance, at: phase.scope).contains {
      phase.selects($0, in: subjects) && willEmit(phase.body(for: $0), $0)
    }
  }
}
