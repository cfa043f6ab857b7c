package import VM
import Words

/// What a machine is called for people.
package enum VMDescription {
  /// One line or two, at most 80 columns wide where its path allows.
  package static func lines(of vm: VMFolder) -> [String] {
    if vm.path == VMFolder.wholeMachine {
      return [
        "machine   this one; logs in \(vm.logsFolder), records in \(vm.recordsFolder)"
      ]
    }
    return ["\(vm.isPlain ? "folder   " : "VM folder") \(safeForTerminal(vm.path))"]
  }
}

extension VMFolder {
  /// Where logs are that belong to no release job.
  var logsFolder: String { absolute("\(logsPath)/\(StepLogNames.commonFolder)") }

  /// Where runs are recorded.
  var recordsFolder: String { absolute("\(dataPath)/lockstep") }
}
