import Glibc
import System

/// Standard output and error during a run.
///
/// The run never waits for a reader, except at its end for a limited time.
final class OutputThreads {
  private let output: OutputThread?
  private var errors: OutputThread?
  /// Whether the final report is being shown, which is never shortened.
  var isReport = false

  /// Starts the threads.
  ///
  /// If no thread can be made, the run writes directly, and waits.
  init() { output = try? OutputThread(STDOUT_FILENO) }

  /// Queues text for standard output.
  func show(_ bytes: [UInt8]) {
    guard let output else { return Terminal.write(bytes, to: STDOUT_FILENO) }
    output.write(bytes, mayBeLost: !isReport)
  }

  /// Prints something on standard error.
  func complain(_ text: String) {
    if errors == nil { errors = try? OutputThread(STDERR_FILENO) }
    guard let errors else { return Terminal.complain(text) }
    errors.write(Array(text.utf8), mayBeLost: false)
  }

  /// Waits until all of it has been written, or the reader seems to have stopped.
  func leave() {
    let failure = output?.finish() ?? 0
    if failure != 0 { Terminal.noteOutputFailure(failure) }
    if failure == ETIMEDOUT {
      complain("lockstep: some output is missing, because standard output was not read\n")
    }
    errors?.finish(patience: failure == ETIMEDOUT ? .seconds(1) : OutputThread.patience)
  }
}
