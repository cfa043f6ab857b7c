/// Why nothing could be measured, as one line for people.
struct Failure: Error {
  var text: String
  /// Whether the program only took more time than it was given.
  var isOutOfTime: Bool

  /// Makes a failure with this text.
  init(_ text: String, isOutOfTime: Bool = false) {
    self.text = text
    self.isOutOfTime = isOutOfTime
  }
}
