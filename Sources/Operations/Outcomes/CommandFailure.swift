package import VM

/// Why a command ends without having done what it was asked for: what people are told, and the exit
/// status.
///
/// Operations and commands throw it; only the program's entry catches it and ends the process.
package struct CommandFailure: Error, Sendable {
  package var status: ExitStatus
  /// In the order in which they are told.
  package var notices: [Notice]
  /// Whether the command line is what is wrong, so that the command's help would help.
  package var isOfCommandLine = false

  /// A failure with what is told of it.
  package init(_ status: ExitStatus, _ notices: [Notice]) {
    self.status = status
    self.notices = notices
  }

  /// A command line that a command cannot take.
  ///
  /// - Parameters:
  ///   - message: what is wrong.
  ///   - help: what would do.
  package init(message: String, help: String? = nil) {
    self.init(.wrong, [.ofCommand(message, help: help)])
    isOfCommandLine = true
  }

  /// A refusal: nothing was started.
  package static func refused(_ problems: [Problem]) -> CommandFailure {
    CommandFailure(.refused, [.problems(problems)])
  }

  /// The problems of files and folders among what is told.
  package var problems: [Problem] {
    notices.flatMap { notice in
      if case .problems(let problems) = notice { problems } else { [Problem]() }
    }
  }
}
