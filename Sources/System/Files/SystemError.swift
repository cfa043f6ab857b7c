import CLinux
import Glibc

/// A failed call of the operating system: which, on what, and why.
package struct SystemError: Error, Hashable, Sendable {
  /// What was being done and to what, as in `open /var/vcap/sys/log`.
  package var operation: String
  /// The error number, as in errno(3).
  package var number: Int32

  /// Makes the error of an operation.
  package init(_ operation: String, number: Int32) {
    self.operation = operation
    self.number = number
  }

  /// The system's words for the number, as in `No such file or directory`.
  package static func words(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "error \(number)" }
    return String(cString: text)
  }
}

extension SystemError: CustomStringConvertible {
  /// One line for people.
  package var description: String { "\(operation): \(Self.words(number))" }
}
