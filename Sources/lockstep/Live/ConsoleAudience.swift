import Execution
import Journal
import Operations
import PlanGraph
import Reports
import Words

/// Shows a run to people on standard output and error.
final class ConsoleAudience: RunAudience {
  private let console: Console
  private let isQuiet: Bool
  private var threads: OutputThreads?
  private var screen: RunScreen?

  private init(_ console: Console, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
  }

  /// Shows a run while it is active, and its result.
  ///
  /// - Parameters:
  ///   - console: where to show it.
  ///   - isQuiet: whether only failures and the end are shown.
  ///   - operation: the run.
  /// - Returns: the exit status.
  /// - Throws: what the operation throws, after everything shown before has been written.
  static func follow(
    _ console: Console,
    isQuiet: Bool,
    _ operation: (any RunAudience) throws(CommandFailure) -> RunResult
  ) throws(CommandFailure) -> ExitStatus {
    let audience = ConsoleAudience(console, isQuiet: isQuiet)
    defer { audience.threads?.leave() }
    switch try operation(audience) {
    case .ended(let end):
      audience.report(end)
      return withExtendedLifetime(end) { end.status }
    case .succeededBefore(let plan, let run):
      Terminal.answer(
        filled(
          "\(safeForTerminal(plan)) has succeeded since this boot, as run \(run): nothing to do",
          indent: 0
        )
      )
    case .nothingLeft(let run):
      Terminal.answer("run \(run) succeeded; nothing is left to do\n")
    }
    return .succeeded
  }

  func begin(_ graph: Graph) -> any AnnouncementListener {
    let threads = OutputThreads()
    let screen = RunScreen(graph, style: console.style, isQuiet: isQuiet) { threads.show($0) }
    (self.threads, self.screen) = (threads, screen)
    return screen
  }

  func tell(_ notice: Notice) {
    let text = console.text(notice)
    if let threads { threads.complain(text) } else { Terminal.complain(text) }
  }

  private func report(_ end: RunEnd) {
    guard let threads, let screen else { return }
    threads.isReport = true
    RunReport(end.run, style: console.style) { end.evidence($0) }
      .write(
        outcome: end.outcome,
        elapsed: end.elapsed,
        isRecorded: end.isRecorded,
        to: &screen.output
      )
    if end.outcome != .succeeded || !end.isRecorded {
      screen.output.line("to resume what has not succeeded:")
      for line in end.resumeCommand { screen.output.line("  \(safeForTerminal(line))") }
    }
    screen.output.flush()
  }
}
