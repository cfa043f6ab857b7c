import CLinux
import Glibc
package import System

extension VMFolder {
  /// What lets somebody else decide what root runs, on the way to a file.
  ///
  /// - Parameter path: relative to the root.
  /// - Returns: nil where nothing does, or we are not root, or there is no such file.
  package func intrusion(at path: String) -> Problem? {
    if geteuid() != 0 { return nil }
    return PathWalk(self).fault(to: path)
  }

  /// Whether we are root, a path goes through no link, and nobody else could change anything on it.
  ///
  /// Then it is there, ends beneath the root, and ``intrusion(at:)`` finds nothing.
  ///
  /// - Parameter path: relative to the root, without `.` and `..` in it.
  /// - Returns: false wherever that is not plain.
  package func isPlainlyOwn(_ path: String) -> Bool {
    if geteuid() != 0 { return false }
    if case .good = PathWalk(self).straight(to: path) { return true }
    return false
  }

  /// What lets somebody else decide what root runs, on the way to a program that need not lie in the
  /// root.
  ///
  /// Of one beneath the root everything from there on is judged, as of a script; of another one
  /// everything from `/` on.
  ///
  /// - Parameter path: absolute.
  /// - Returns: nil where nothing does, or we are not root, or there is no such file.
  package func intrusion(atProgram path: String) -> Problem? {
    if geteuid() != 0 { return nil }
    return PathWalk(self).fault(toProgram: path)
  }

  /// Reads a file of a release job that says what is to be started and stopped.
  ///
  /// - Parameters:
  ///   - path: relative to the root.
  ///   - limit: longer ones are refused.
  /// - Returns: its bytes; nil where there is none.
  /// - Throws: one line for people, also where we are root and somebody else could change it.
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
  /// The part of an absolute path that lies in this root, by the names that it is known by; nil
  /// where none does.
  func part(of target: String) -> Substring? {
    for name in [path, givenPath] where name.hasPrefix("/") && name != "/" {
      if target == name { return "" }
      if target.hasPrefix(name + "/") { return target.dropFirst(name.count) }
    }
    return nil
  }
}
