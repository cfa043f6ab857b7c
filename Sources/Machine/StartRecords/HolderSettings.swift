import Clock
import Glibc
import System

/// Where held commands are recorded, and which program holds them.
package struct HolderSettings: Hashable, Sendable {
  /// The folder of the records, absolute.
  package let folder: String
  /// The program that becomes the holder.
  package let program: String

  /// Uses this program itself, executed again.
  ///
  /// - Parameters:
  ///   - folder: the one for the records. It exists, and is used by one run only. A relative path
  ///     starts in the current folder.
  ///   - program: an executable whose first act is `holder_take_over`.
  package init(folder: String, program: String = "/proc/self/exe") {
    // The holder runs in the folder of the command.
    self.folder = folder.hasPrefix("/") ? folder : "\(readLink("/proc/self/cwd") ?? "")/\(folder)"
    self.program = program
  }
}
