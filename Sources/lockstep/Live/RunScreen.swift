import Execution
import Journal
import PlanGraph
import Reports
import Words

/// Shows people what a run announces, a line or two for each.
final class RunScreen: AnnouncementListener {
  private var display: RunDisplay
  private var clock = WallClock()
  private let isQuiet: Bool
  /// Where lines go, the report at the end as well.
  var output: TextOutput

  /// Makes a screen.
  ///
  /// - Parameters:
  ///   - graph: what the run is of.
  ///   - style: with or without colours.
  ///   - isQuiet: whether only warnings and the answer to a signal are shown.
  ///   - show: takes what is to be shown, and does not wait.
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
  /// Whether people want to know it who want to know little.
  fileprivate var isForQuiet: Bool {
    switch self {
    case .stopping: true
    case .remark(let remark): remark.kind == .warning
    default: false
    }
  }
}
