import CLinux
import Glibc
package import System
import Words

/// The two log files of a step, open.
@frozen
package struct LogPair: ~Copyable {
  package let stdout: Descriptor
  package let stderr: Descriptor
  /// What was in them when they were opened.
  package let sizes: LogSizes

  /// Valid as long as this is.
  package var descriptors: (stdout: Int32, stderr: Int32) { (stdout.number, stderr.number) }
}

/// How many bytes there are in the two log files of a step.
package struct LogSizes: Hashable, Sendable {
  /// Of the log of its standard output.
  package var stdout: Int
  /// Of the log of its standard error.
  package var stderr: Int
}

/// Why a log could not be opened.
package enum LogFailure: Error, Hashable {
  /// No descriptor or memory is left just now, says this error number: another try may do.
  case exhausted(Int32)
  /// It is refused; one line for people.
  case refused(String)
}
