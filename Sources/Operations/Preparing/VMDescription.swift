package import VM
import Words

/// The description of a machine for people.
package enum VMDescription {
  /// One or two lines, at most 80 columns wide unless the path is longer.
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
  /// Where the logs without a release job are.
  var logsFolder: String { absolute("\(logsPath)/\(StepLogNames.commonFolder)") }

  /// Where runs are recorded.
  var recordsFolder: String { absolute("\(dataPath)/lockstep") }
}
