/// A failure of which nobody needs to know more than can be said in one line.
package struct PlainFailure: Error, Hashable, Sendable {
  /// One line for people: lower case unless it begins with a path or name, without a full stop.
  package var words: String

  /// Makes a failure of one line.
  package init(words: String) {
    self.words = words
  }
}
