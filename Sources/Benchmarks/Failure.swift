/// Why nothing could be measured, as one line for people.
struct Failure: Error {
  var text: String
  /// Whether all that went wrong is that the program took more time than it was given.
  var isOutOfTime: Bool

  /// Makes a failure that says this.
  init(_ text: String, isOutOfTime: Bool = false) {
    self.text = text
    self.isOutOfTime = isOutOfTime
  }
}
