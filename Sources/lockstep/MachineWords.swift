import VM
import Words

/// What a machine is called for people.
enum MachineWords {
  /// One line or two, at most 80 columns wide where its path allows.
  static func lines(of root: VMRoot) -> [String] {
    if root.path == VMRoot.machine {
      return [
        "machine   this one; logs in \(root.logsFolder), records in \(root.recordsFolder)"
      ]
    }
    return ["\(root.isPlain ? "folder   " : "VM folder") \(safeForTerminal(root.path))"]
  }
}

extension VMRoot {
  /// Where logs are that belong to no release job.
  var logsFolder: String { absolute("\(logsPath)/\(StepLogNames.commonFolder)") }

  /// Where runs are recorded.
  var recordsFolder: String { absolute("\(dataPath)/lockstep") }
}
