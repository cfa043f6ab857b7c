import System

/// The text of a logrotate file for the logs of a VM, with the settings of BOSH's agent.
///
/// The agent (`SetupLogrotate`) has logs up to three folders deep copied and then truncated if they
/// exceed a size; seven are kept, compressed. The writer keeps its descriptor, so a script that
/// runs for hours continues in the same file.
package enum LogRotation {
  /// What the agent has by default otherwise.
  package static let standardSize = "50M"

  /// The size from which logs are rotated: `properties.logging.max_log_file_size` of the agent's
  /// apply spec.
  ///
  /// - Parameter path: of the VM's folder.
  /// - Returns: the text, which logrotate may not accept; nil if it is not given.
  /// - Throws: what is wrong with the spec.
  package static func size(onVM path: String) throws(Problem) -> String? {
    guard let folder = try? Descriptor.folder(path), let real = folder.realPath else { return nil }
    return try VMFolder.spec(in: folder, real, path)?.largestLog
  }

  /// Whether logrotate takes this for a size: bytes, or a number with `k`, `K`, `M` or `G`.
  package static func isSize(_ text: String) -> Bool {
    let digits = text.last.map { "kKMG".contains($0) } == true ? text.dropLast() : text[...]
    guard let number = Int(digits), number > 0 else { return false }
    return digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Makes the text.
  ///
  /// - Parameters:
  ///   - folder: that the logs of release jobs are in, absolute and without links.
  ///   - size: as logrotate takes it: bytes, or a number with `k`, `K`, `M` or `G`.
  /// - Returns: nil if logrotate could not take the path.
  package static func text(folder: String, size: String) -> String? {
    // logrotate splits its list of files like a shell and then expands each one; blanks are the
    // only special characters that can be escaped for both.
    let special = "\"'\\*?[]{}"
    let isUsable = folder.unicodeScalars.allSatisfy {
      $0.value >= 32 && $0.value != 127 && !special.unicodeScalars.contains($0)
    }
    if !isUsable { return nil }
    var patterns: [String] = []
    for depth in ["", "*/", "*/*/"] {
      for name in ["*.log", ".*.log"] { patterns.append("\"\(folder)/\(depth)\(name)\"") }
    }
    return """
      # Written by lockstep logrotate.
      \(patterns.joined(separator: "\n")) {
        su root root
        missingok
        rotate 7
        compress
        copytruncate
        size \(size)
      }

      """
  }
}
