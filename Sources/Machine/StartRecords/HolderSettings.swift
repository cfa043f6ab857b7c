import Clock
import Glibc
import System

/// Where held commands are recorded, and by which program they are held.
package struct HolderSettings: Hashable, Sendable {
  /// The folder of the records, absolute.
  package let folder: String
  /// The program to be the holder.
  package let program: String

  /// Holding by this very program, executed once more.
  ///
  /// - Parameters:
  ///   - folder: of the records: made already, and of one run alone. A relative path begins in the
  ///     present folder.
  ///   - program: an executable whose first act is `holder_take_over`.
  package init(folder: String, program: String = "/proc/self/exe") {
    // The holder runs in the command's folder.
    self.folder = folder.hasPrefix("/") ? folder : "\(readLink("/proc/self/cwd") ?? "")/\(folder)"
    self.program = program
  }
}
