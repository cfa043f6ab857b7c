import Words

/// Where and how a step would run, as the code that knows the machine says it.
package struct StepPlacement: Sendable {
  /// What would be executed, for people.
  package var runs: String
  /// The log files; nil if it writes none.
  package var logs: String?
  /// The argument vector; nil if no program is started.
  package var vector: [String]?
  /// The path of its script relative to the VM's folder; nil for anything but a script.
  package var scriptPath: String?
  /// The size of the VM's persistent disk in MiB.
  package var persistentDisk: Int

  /// Makes a placement.
  package init(
    runs: String,
    logs: String?,
    vector: [String]? = nil,
    scriptPath: String? = nil,
    persistentDisk: Int = 0
  ) {
    self.runs = runs
    self.logs = logs
    self.vector = vector
    self.scriptPath = scriptPath
    self.persistentDisk = persistentDisk
  }
}

/// A script as it is now.
package struct ScriptFacts: Hashable, Sendable {
  /// The first line, at most 200 bytes of it; nil if it cannot be read.
  package var firstLine: String?
  /// In bytes.
  package var size: Int
  /// The permission bits.
  package var mode: UInt32
  /// SHA-256, in hexadecimal; nil if the script cannot be read or is too long to be read.
  package var sha256: String?

  /// Makes the facts of a script.
  package init(firstLine: String?, size: Int, mode: UInt32, sha256: String?) {
    self.firstLine = firstLine
    self.size = size
    self.mode = mode
    self.sha256 = sha256
  }

  /// One line for people.
  package var words: String {
    "\(firstLine ?? "(unreadable)"), \(counted(size, "byte")), mode \(padded(mode, to: 4, radix: 8))"
  }
}
