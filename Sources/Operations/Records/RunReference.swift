import Machine
import VM

/// How a command line names a recorded run.
package struct RunReference: Sendable {
  /// A prefix of its name; nil or `last` for the last run.
  package var name: String?
  /// The folder of records; nil for the one in the first machine's folder.
  package var state: String?
  /// The machines, if they are given again.
  package var vms: VMRequest

  /// Makes a reference.
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
  /// - Throws: an error if there is none, or more than one.
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
