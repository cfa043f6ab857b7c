package import System

/// Something on a machine that prevents a run: where, what, and how to fix it.
package struct Problem: Error, Hashable, Sendable {
  /// The path of the file or folder.
  package var path: String
  /// What was found, lower case, without a full stop.
  package var what: String
  /// What to do about it; nil if `what` says it all.
  package var help: String?
  /// Whether a run would start in spite of it.
  package var isWarning = false

  /// Makes a problem.
  package init(path: String, what: String, help: String? = nil) {
    self.path = path
    self.what = what
    self.help = help
  }
}

extension Problem: CustomStringConvertible {
  /// One line: path, what, help.
  package var description: String { "\(path): \(what)" + (help.map { "; \($0)" } ?? "") }
}

extension Problem {
  /// Makes a problem of a failure.
  ///
  /// - Parameters:
  ///   - failure: what went wrong.
  ///   - path: the file or folder, if the failure names none.
  ///   - help: what to do about it.
  package init(_ failure: PlainFailure, at path: String, help: String? = nil) {
    self.init(path: failure.path ?? path, what: failure.what ?? failure.words, help: help)
  }
}
