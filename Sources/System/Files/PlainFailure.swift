/// A failure that one line says all about.
package struct PlainFailure: Error, Hashable, Sendable {
  /// One line for people: lower case unless it begins with a path or name, without a full stop.
  package var words: String
  /// The file or folder that `words` begin with; nil if they begin with none.
  package private(set) var path: String?
  /// What is wrong there, with the line if one is known; nil without a path.
  package private(set) var what: String?

  /// Makes a failure of one line.
  package init(words: String) {
    self.words = words
  }

  /// Makes a failure of one file or folder.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - line: where in it, such as `3` or `3:20`; nil for the whole.
  ///   - separator: the text between the place and `what`.
  ///   - what: what is wrong.
  package init(path: String, line: String? = nil, separator: String = " ", _ what: String) {
    words = path + (line.map { ":\($0)" } ?? "") + separator + what
    self.path = path
    self.what = (line.map { "line \($0)\(separator)" } ?? "") + what
  }
}
