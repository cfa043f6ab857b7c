import PlanLanguage

extension PhaseCompiler {
  /// The templates of a rollout: one block for each deployment job, and one for an instance's way.
  mutating func rollout(
    _ declaration: RolloutDecl,
    _ values: ValueReader,
    jobs: [DeploymentJob],
    subjects: Subjects,
    item: ItemID,
    location: Location
  ) -> (blocks: [(template: BlockTemplateID, canaries: Int)], entry: BlockTemplateID) {
    var canaries: AmountValue?
    var maxInFlight: AmountValue?
    for pace in declaration.pace {
      switch pace.kind {
      case .canaries: canaries = pace.amount
      case .maxInFlight: maxInFlight = pace.amount
      }
    }
    let blocks = jobs.map { job in
      let count = subjects.members(of: job.subject, at: .instance).count
      let first = (job.canaries ?? canaries).flatMap { values.amount($0, of: count) } ?? 0
      let most = (job.maxInFlight ?? maxInFlight).flatMap { values.room($0, of: count) } ?? 1
      let template = add(
        BlockTemplate(
          kind: .rollout,
          name: "rollout",
          isOptional: false,
          slots: max(1, most),
          closesAfterFailure: true,
          limits: [],
          takesBlockSlot: false,
          item: item,
          location: location
        )
      )
      return (template, min(first, count))
    }
    let entry = add(
      BlockTemplate(
        kind: .rolloutEntry,
        name: "entry",
        isOptional: false,
        slots: nil,
        closesAfterFailure: false,
        limits: [],
        takesBlockSlot: true,
        item: item,
        location: location
      )
    )
    return (blocks, entry)
  }

  /// The template of the whole plan's block.
  mutating func planBlock(
    name: String,
    timeout: Duration?,
    item: ItemID,
    location: Location,
    timeoutSpan: Location?
  ) -> BlockTemplateID {
    let id = add(
      BlockTemplate(
        kind: .plan,
        name: name,
        timeout: timeout,
        isOptional: false,
        slots: nil,
        closesAfterFailure: false,
        limits: [],
        takesBlockSlot: false,
        item: item,
        location: location
      )
    )
    if let timeoutSpan { note(timeoutSpan, of: id) }
    return id
  }
}
