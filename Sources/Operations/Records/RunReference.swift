import Machine
import VM

/// How somebody names a recorded run.
package struct RunReference: Sendable {
  /// The beginning of its name; nil or `last` for the last one.
  package var name: String?
  /// The folder of records; nil for that beneath the first machine's folder.
  package var state: String?
  /// The machines as they are named again, if at all.
  package var vms: VMRequest

  /// Names a run.
  package init(
    name: String? = nil,
    state: String? = nil,
    vms: VMRequest = VMRequest()
  ) {
    self.name = name
    self.state = state
    self.vms = vms
  }

  /// Finds the run.
  ///
  /// - Throws: that there is none, or more than one.
  package func find() throws(CommandFailure) -> FoundRun { try FoundRun(place(), name: name) }

  private func place() throws(CommandFailure) -> RunStore.Place {
    if let state { return .at(state) }
    do {
      return .beneath(try VMFolder(vms.first ?? VMFolder.defaultPath))
    } catch {
      throw CommandFailure(
        message: error.problems.map(\.description).joined(separator: "; "),
        help: "name the VM with --vm ROOT, or the folder of the records with --state DIR"
      )
    }
  }
}
