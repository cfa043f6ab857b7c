/// A failure of which nobody needs to know more than can be said in one line.
struct PlainFailure: Error, Hashable, Sendable {
  /// One line for people: lower case unless it begins with a path or name, without a full stop.
  var words: String
}
