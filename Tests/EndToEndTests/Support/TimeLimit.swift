import Testing

/// Tries a test with longer and longer timeouts, until one is long enough for what must happen
/// before it expires.
///
/// So a test of a timeout is fast on an idle machine, and still works on a busy one.
///
/// An attempt makes everything anew and runs it with the timeout. It returns false only if the
/// machine was too slow for this timeout; nothing else causes another attempt.
func withGrowingTimeout(
  _ location: SourceLocation = #_sourceLocation,
  _ attempt: (_ timeout: String) throws -> Bool
) throws {
  // Durations as the command prints them.
  let timeouts = ["100ms", "200ms", "400ms", "800ms", "2s", "4s", "8s", "16s", "30s"]
  for timeout in timeouts where try attempt(timeout) { return }
  Issue.record("not even a timeout of 30s was long enough", sourceLocation: location)
}
