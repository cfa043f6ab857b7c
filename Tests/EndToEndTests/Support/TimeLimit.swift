import Testing

/// Tries a test with longer and longer timeouts, until one was long enough for what has to happen
/// before it is over.
///
/// So a test of a timeout takes a moment on a quiet machine, and holds on a busy one.
///
/// The attempt makes everything anew and runs it with the timeout. It gives false where the machine was
/// too slow for this timeout; that is the only reason for another attempt.
func withGrowingTimeout(
  _ location: SourceLocation = #_sourceLocation,
  _ attempt: (_ timeout: String) throws -> Bool
) throws {
  // Written as the command writes them.
  let timeouts = ["100ms", "200ms", "400ms", "800ms", "2s", "4s", "8s", "16s", "30s"]
  for timeout in timeouts where try attempt(timeout) { return }
  Issue.record("not even a timeout of 30s was long enough", sourceLocation: location)
}
