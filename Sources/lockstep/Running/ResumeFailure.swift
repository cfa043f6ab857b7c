import VM

/// Why a run is not resumed.
enum ResumeFailure: Error {
  case usage(UsageError)
  case problems([Problem])
  /// The journal cannot be trusted.
  case damaged(Problem)
  /// What is wrong has been said.
  case status(ExitStatus)
}
