import CLinux
import Glibc

/// The environment that this process was started with.
package enum ProcessEnvironment {
  /// All variables, as `NAME=VALUE`.
  package static var own: [String] {
    var strings: [String] = []
    var next = lockstep_environment()
    while let string = next?.pointee {
      strings.append(String(cString: string))
      next = next?.successor()
    }
    return strings
  }

  /// The value of a variable; nil if it is not set.
  package static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
