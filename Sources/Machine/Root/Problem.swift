/// Something on a machine that stands in the way of a run: where, what, and what would do.
package struct Problem: Error, Hashable, Sendable {
  /// The path of the file or folder.
  package var path: String
  /// What was found, lower case, without a full stop.
  package var what: String
  /// What to do about it; nil where there is nothing to say that `what` does not.
  package var help: String?

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

/// A machine's folder that cannot be worked with; every problem that was found, at least one.
package struct RefusedRoot: Error, Hashable, Sendable {
  /// What was found, in the order of the paths.
  package var problems: [Problem]
}
