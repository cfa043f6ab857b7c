import Glibc
import System

/// Standard output and error while a run goes on: it never waits for the people there,
/// but at its end, and then not for ever.
final class OutputThreads {
  private let output: OutputThread?
  private var errors: OutputThread?
  /// Whether what is shown now is the report, no word of which is left out.
  var isReport = false

  /// Makes ready; where there is no room for another thread a run does without, and waits.
  init() { output = try? OutputThread(STDOUT_FILENO) }

  /// Shows something on standard output.
  func show(_ bytes: [UInt8]) {
    guard let output else { return Terminal.write(bytes, to: STDOUT_FILENO) }
    output.write(bytes, mayBeLost: !isReport)
  }

  /// Says something on standard error.
  func complain(_ text: String) {
    if errors == nil { errors = try? OutputThread(STDERR_FILENO) }
    guard let errors else { return Terminal.complain(text) }
    errors.write(Array(text.utf8), mayBeLost: false)
  }

  /// Waits until all of that has been taken, or nobody seems to take any more.
  func leave() {
    let failure = output?.finish() ?? 0
    if failure != 0 { Terminal.noteOutputFailure(failure) }
    if failure == ETIMEDOUT {
      complain("lockstep: not all was shown, as nobody read standard output\n")
    }
    errors?.finish(patience: failure == ETIMEDOUT ? .seconds(1) : OutputThread.patience)
  }
}
