import Execution
import Journal
import PlanGraph
import Reports
import Words

/// Shows what a run announces, in one or two lines each.
final class RunScreen: AnnouncementListener {
  private var display: RunDisplay
  private var clock = WallClock()
  private let isQuiet: Bool
  /// Where lines go, including the final report.
  var output: TextOutput

  /// Makes a screen.
  ///
  /// - Parameters:
  ///   - graph: the run's graph.
  ///   - style: with or without colors.
  ///   - isQuiet: whether only warnings and the answer to a signal are shown.
  ///   - show: takes the text to show, without blocking.
  init(_ graph: Graph, style: Style, isQuiet: Bool, show: @escaping ([UInt8]) -> Void) {
    display = RunDisplay(graph, style: style)
    self.isQuiet = isQuiet
    output = TextOutput(write: show)
  }

  func hear(_ due: DueAnnouncement) {
    if isQuiet, !due.announcement.isForQuiet { return }
    let lines = display.lines(
      for: due.announcement,
      at: due.moment,
      clock: clock.text(),
      isRecorded: due.isRecorded
    )
    for line in lines { output.line(line) }
  }

  func pause() { output.flush() }
}

extension Announcement {
  /// Whether it is shown even with `--quiet`.
  fileprivate var isForQuiet: Bool {
    switch self {
    case .stopping: true
    case .remark(let remark): remark.kind == .warning
    default: false
    }
  }
}
