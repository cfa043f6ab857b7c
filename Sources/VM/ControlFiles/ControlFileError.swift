import System
import Words

/// What is wrong with a control file.
struct ControlFileError: Error, Hashable, Sendable {
  var place: ControlFilePlace
  /// As the end of a sentence that begins with the place.
  var what: String

  /// The place without the file, what is wrong, and the line: `3:20 has 'x', …: 'the line'`.
  var words: String {
    "\(position) \(reason)"
  }

  /// The line and the column.
  private var position: String { "\(place.line):\(place.column)" }

  /// What is wrong, and the line itself.
  private var reason: String {
    place.text.isEmpty ? what : "\(what): \(quoted(place.text))"
  }

  /// The same as a failure of a file.
  func failure(in path: String) -> PlainFailure {
    PlainFailure(path: path, line: position, reason)
  }
}
