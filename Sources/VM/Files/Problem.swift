package import System

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

extension Problem {
  /// A problem of a release job or one of its files, with whose path its words begin, and mostly a line.
  ///
  /// - Parameters:
  ///   - failure: of reading what it says of its processes.
  ///   - folder: the release job's.
  ///   - path: what the problem is about where the words have no path of their own.
  /// - Returns: the same, taken apart.
  package static func about(
    _ failure: PlainFailure,
    in folder: String,
    otherwise path: String
  ) -> Problem {
    guard failure.words.hasPrefix(folder) else { return Problem(path: path, what: failure.words) }
    let rest = failure.words.dropFirst(folder.count)
    let file = rest.prefix { $0 != ":" && $0 != " " }
    let what = rest.dropFirst(file.count + 1)
    let isLine = rest.dropFirst(file.count).first == ":"
    return Problem(path: folder + file, what: (isLine ? "line " : "") + what)
  }
}

/// A machine's folder that cannot be worked with; every problem that was found, at least one.
package struct VMRefusal: Error, Hashable, Sendable {
  /// What was found, in the order of the paths.
  package var problems: [Problem]
}
