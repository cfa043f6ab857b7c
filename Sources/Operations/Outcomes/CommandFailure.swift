package import VM

/// Why a command did not do what was requested: the messages and the exit status.
///
/// Operations and commands throw it; only the program's entry catches it and ends the process.
package struct CommandFailure: Error, Sendable {
  package var status: ExitStatus
  /// In the order in which they are printed.
  package var notices: [Notice]
  /// Whether the command line is wrong, so a pointer to the command's help is useful.
  package var isOfCommandLine = false

  /// A failure with its notices.
  package init(_ status: ExitStatus, _ notices: [Notice]) {
    self.status = status
    self.notices = notices
  }

  /// A mistake in the command line.
  ///
  /// - Parameters:
  ///   - message: what is wrong.
  ///   - help: what would work.
  package init(message: String, help: String? = nil) {
    self.init(.wrong, [.ofCommand(message, help: help)])
    isOfCommandLine = true
  }

  /// A refusal: nothing was started.
  package static func refused(_ problems: [Problem]) -> CommandFailure {
    CommandFailure(.refused, [.problems(problems)])
  }

  /// The problems with files and folders among the notices.
  package var problems: [Problem] {
    notices.flatMap { notice in
      if case .problems(let problems) = notice { problems } else { [Problem]() }
    }
  }
}
