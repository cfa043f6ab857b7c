import CLinux
import Glibc
package import System

extension VMFolder {
  /// What would let someone else decide what root runs, on the way to a file.
  ///
  /// - Parameter path: relative to the VM's folder.
  /// - Returns: nil if there is nothing, we are not root, or there is no such file.
  package func intrusion(at path: String) -> Problem? {
    if geteuid() != 0 { return nil }
    return PathWalk(self).fault(to: path)
  }

  /// Whether we are root, a path contains no link, and no one else could change anything on it.
  ///
  /// Then it exists inside the VM's folder, and ``intrusion(at:)`` finds nothing.
  ///
  /// - Parameter path: relative to the VM's folder, without `.` and `..` in it.
  /// - Returns: false unless that is certain.
  package func isPlainlyOwn(_ path: String) -> Bool {
    if geteuid() != 0 { return false }
    if case .good = PathWalk(self).straight(to: path) { return true }
    return false
  }

  /// What would let someone else decide what root runs, on the way to a program that need not be in
  /// the VM's folder.
  ///
  /// For one inside the VM's folder, everything from there on is checked, as for a script; for any
  /// other, everything from `/` on.
  ///
  /// - Parameter path: absolute.
  /// - Returns: nil if there is nothing, we are not root, or there is no such file.
  package func intrusion(atProgram path: String) -> Problem? {
    if geteuid() != 0 { return nil }
    return PathWalk(self).fault(toProgram: path)
  }

  /// Reads a file of a release job that says what to start and stop.
  ///
  /// - Parameters:
  ///   - path: relative to the VM's folder.
  ///   - limit: longer ones are refused.
  /// - Returns: its bytes; nil if there is none.
  /// - Throws: one line for people, also if we are root and someone else could change it.
  package func controlFile(_ path: String, limit: Int) throws(PlainFailure) -> [UInt8]? {
    if let problem = intrusion(at: path) {
      let help = problem.help.map { "; \($0)" } ?? ""
      throw PlainFailure(path: problem.path, separator: ": ", problem.what + help)
    }
    do throws(PlainFailure) {
      return try VMFile.read(path, in: folder.number, beneath: self.path, limit: limit)
    } catch {
      throw PlainFailure(path: "\(self.path)/\(path)", error.words)
    }
  }
}

extension VMFolder {
  /// The part of an absolute path that is in this folder, by either of its paths; nil if it is
  /// elsewhere.
  func part(of target: String) -> Substring? {
    for name in [path, givenPath] where name.hasPrefix("/") && name != "/" {
      if target == name { return "" }
      if target.hasPrefix(name + "/") { return target.dropFirst(name.count) }
    }
    return nil
  }
}
