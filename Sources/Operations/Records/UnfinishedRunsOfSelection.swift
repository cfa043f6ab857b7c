import Machine
import VM

extension UnfinishedRuns {
  /// Looks for the unfinished runs on the machines that a command line names.
  ///
  /// - Parameters:
  ///   - selection: the machines.
  ///   - state: the folder of records that a command line names.
  ///   - own: the run that is to continue, and so is not among them.
  ///   - isOnlyLooking: whether nothing may be changed.
  init(
    _ selection: VMSelection,
    state: String?,
    but own: RunFolder? = nil,
    isOnlyLooking: Bool
  ) {
    self.init(
      on: selection.all.map(\.vm),
      state: state ?? (selection.hosts == nil ? nil : CoordinatorFolder.path),
      but: own,
      hosts: Set(selection.hosts?.recorded.map(\.text) ?? []),
      isOnlyLooking: isOnlyLooking
    )
  }
}

extension CommandFailure {
  /// That the machines are locked by another process.
  ///
  /// If they work for a run that another machine coordinates, that is said, too.
  static func locked(_ problem: Problem, _ selection: VMSelection) -> CommandFailure {
    let unfinished = UnfinishedRuns(selection, state: nil, isOnlyLooking: true)
    let far = unfinished.runs.filter(\.isFar)
    let paragraphs = far.flatMap(\.stateOfWork)
    return CommandFailure(
      .refused,
      [.problems([problem])] + (paragraphs.isEmpty ? [] : [.paragraphs(paragraphs)])
    )
  }
}
