import Machine

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
