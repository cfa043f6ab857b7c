import CLinux
import Glibc

/// What this machine says of itself, in Swift's own types.
///
/// The C types stay here: `Glibc` and `CLinux` both declare them, and which of the two a file has to
/// import changes from build to build.
package enum ThisMachine {
  /// What it calls itself; empty if it does not say.
  package static var name: String { names.host }

  /// The kernel's name for the processor, such as `x86_64`; empty if it does not say.
  package static var type: String { names.type }

  /// The time of day since 1970; for people, as it may jump.
  package static var timeOfDay: Duration {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return .seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec))
  }

  private static var names: (host: String, type: String) {
    var system = utsname()
    guard uname(&system) == 0 else { return ("", "") }
    return (
      withUnsafeBytes(of: &system.nodename, text),
      withUnsafeBytes(of: &system.machine, text)
    )
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
