import CLinux
import Glibc

/// Strings as execve(2) takes them: an array of C strings with nil at its end, made once and kept.
package final class CStrings {
  private let storage: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

  /// Copies the strings.
  ///
  /// A string with a NUL ends there, so input from outside must be checked first.
  package init(_ strings: [String]) {
    storage = .allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
      storage.initializeElement(at: index, to: strdup(string))
    }
    storage.initializeElement(at: strings.count, to: nil)
  }

  deinit {
    for string in storage { free(string) }
    storage.deallocate()
  }

  /// The array; as long as this object lives.
  var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    guard let base = storage.baseAddress else { preconditionFailure("it holds nil at least") }
    return base
  }
}
