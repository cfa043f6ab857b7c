/// An exit status of the command.
package struct ExitStatus: Equatable, Sendable {
  /// The number that the process ends with.
  package let number: Int32

  package static let succeeded = ExitStatus(number: 0)
  /// A step failed, or the output could not be written.
  package static let failed = ExitStatus(number: 1)
  /// The plan or the command line is wrong.
  package static let wrong = ExitStatus(number: 2)
  /// Refused; nothing was started.
  package static let refused = ExitStatus(number: 3)
  /// The record of a run is damaged (sysexits.h, EX_DATAERR).
  package static let damaged = ExitStatus(number: 65)

  /// Stopped by a signal, as in a shell: 130 for SIGINT, 143 for SIGTERM.
  package static func stopped(by signal: Int32) -> ExitStatus { ExitStatus(number: 128 + signal) }
}
