package import Clock
package import Execution
package import PlanGraph
package import Words

/// Turns what a run announces into lines for people, at most 80 columns wide.
///
/// A live run and a rehearsal show the same lines.
package struct RunDisplay {
  private let graph: Graph
  private let names: NodeNames
  private let style: Style
  private var started: [NodeID: Instant] = [:]
  private let phaseWidth: Int
  /// The words of most lines, in colour and padded.
  private let beginWord: String
  private let okWord: String
  /// The padded name of the phase of the last step: the next line is often about the same
  /// statement.
  private var lastPhase: (template: StepTemplateID, text: String)?

  private static let width = 80
  private static let wordColumn = 10
  private static let wordWidth = 11

  /// Makes a display for a graph.
  package init(_ graph: Graph, style: Style) {
    self.graph = graph
    self.style = style
    let names = NodeNames(graph)
    self.names = names
    let widths = graph.steps.prefix(1000).map { columns(names.phase(of: $0)) }
    phaseWidth = min(widths.max() ?? 0, 24)
    beginWord = Self.painted("begin", .dim, style)
    okWord = Self.painted("ok", .good, style)
  }

  /// The lines for an announcement; at least one.
  ///
  /// - Parameters:
  ///   - announcement: what happened.
  ///   - now: when it happened.
  ///   - clock: the time of day to show.
  ///   - isRecorded: whether it is on disk. A step whose success is not on disk is not called ok,
  ///     because a resume would run it again.
  /// - Returns: the lines.
  package mutating func lines(
    for announcement: Announcement,
    at now: Instant,
    clock: String,
    isRecorded: Bool = true
  ) -> [String] {
    switch announcement {
    case .attemptStarted(let node, let attempt):
      started[node] = now
      let again = attempt > 1 ? "attempt \(attempt)" : ""
      return line(clock, beginWord, node, again)
    case .attemptAdopted(let node, _):
      return line(clock, "await", .caution, node, "started earlier; waits for it to end")
    case .attemptLost(let node, _):
      started[node] = nil
      return line(clock, "again", .caution, node, "how it ended is unknown")
    case .halted:
      return [
        "\(clock)  \(Self.painted("stop", .bad, style))"
          + "nothing new starts, because nothing can be recorded"
      ]
    case .stepSucceeded(let node, _) where !isRecorded:
      started[node] = nil
      return line(clock, "ended", .caution, node, "exit status 0, not recorded")
    case .stepSucceeded(let node, let attempts):
      let time = started.removeValue(forKey: node).map { (now - $0).measured } ?? ""
      return line(clock, okWord, node, attempts > 1 ? "\(time), attempt \(attempts)" : time)
    case .attemptFailed(let node, _, let failure, let pause):
      let after = pause == .zero ? "now" : "in \(pause.measured)"
      return line(clock, "retry", .caution, node, "\(describe(failure)); again \(after)")
    case .stepFailed(let node, let attempts, let failure, let isOptional):
      started[node] = nil
      let tries = attempts > 1 ? " after \(attempts) attempts" : ""
      let word = failure == .cancelled ? "cancelled" : "failed"
      let text =
        failure == .cancelled ? "" : describe(failure) + tries + (isOptional ? ", optional" : "")
      return line(clock, word, isOptional ? .caution : .bad, node, text)
    case .stepSkipped(let node, let reason):
      return line(clock, "skip", .dim, node, reason)
    case .barrierPassed(let node):
      return barrier(clock, node)
    case .timedOut(let node, _):
      return line(clock, "timeout", .caution, node, "asked to end")
    case .killed(let node, _):
      return line(clock, "kill", .bad, node, "did not end within its grace")
    case .blockRetried(let block, let attempt, let pause):
      let after = pause == .zero ? "now" : "in \(pause.measured)"
      return line(
        clock,
        "retry",
        .caution,
        graph[block].begin,
        "all of \(graph.template(block).name), attempt \(attempt), \(after)"
      )
    case .blockTimedOut(let block):
      return line(
        clock,
        "timeout",
        .caution,
        graph[block].begin,
        "all of \(graph.template(block).name) is asked to end"
      )
    case .handlerEntered(let block):
      let words = graph.template(block).kind == .onFailure ? "on failure" : "finally"
      return line(clock, "handler", .caution, graph[block].begin, words)
    case .stopping(let signal, let level): return lines(for: level, signal, clock)
    case .remark(let remark):
      let isWarning = remark.kind == .warning
      let (word, tone): (String, Style.Tone) = isWarning ? ("warning", .caution) : ("waits", .dim)
      return line(clock, word, tone, remark.node, remark.text)
    }
  }

  /// The lines for what a run does about a signal.
  private func lines(for level: StopLevel, _ signal: Int32, _ clock: String) -> [String] {
    let begin = "\(clock)  \(Self.painted("stop", .bad, style))\(signalName(signal)): "
    let indent = String(repeating: " ", count: Self.wordColumn + Self.wordWidth)
    switch level {
    case .end:
      return [
        begin + "what runs is asked to end, nothing new starts;",
        indent + "a second signal ends everything at once",
      ]
    case .kill:
      return [
        begin + "what runs is killed, handlers too;",
        indent + "a third signal does not wait for it to end",
      ]
    case .leave: return [begin + "nothing is waited for any more"]
    case .afterEnd:
      return [
        begin + "the run has ended and is being recorded;",
        indent + "another signal does not wait for that",
      ]
    }
  }

  private func barrier(_ clock: String, _ node: NodeID) -> [String] {
    let item = graph.items[graph[node].item]
    let path = graph.subjects.path(graph[node].subject)
    let text = "\(item.name)\(path.isEmpty ? "" : " of \(path)") passed"
    return [
      "\(clock)  "
        + Self.painted("barrier", .dim, style)
        + shortened(text, to: Self.width - Self.wordColumn - Self.wordWidth)
    ]
  }

  private mutating func line(
    _ clock: String,
    _ word: String,
    _ tone: Style.Tone,
    _ node: NodeID,
    _ text: String
  ) -> [String] {
    line(clock, Self.painted(word, tone, style), node, text)
  }

  /// The lines about a node; `word` is in colour and padded already.
  private mutating func line(
    _ clock: String,
    _ word: String,
    _ node: NodeID,
    _ text: String
  ) -> [String] {
    let room = Self.width - Self.wordColumn - Self.wordWidth
    var name = phase(node)
    name += "  "
    name += names.subject(node)
    name = shortened(name, to: room)
    var head = clock
    head.reserveCapacity(Self.width + word.utf8.count)
    head += "  "
    head += word
    head += name
    if text.isEmpty { return [head] }
    let safe = safeForTerminal(text)
    if columns(name) + 2 + columns(safe) <= room {
      head += "  "
      head += safe
      return [head]
    }
    let indent = String(repeating: " ", count: Self.wordColumn + Self.wordWidth + 2)
    return [head] + wrapped(safe, width: room - 2).map { indent + $0 }
  }

  /// The name of a node's phase, padded.
  private mutating func phase(_ node: NodeID) -> String {
    guard graph[node].kind == .step else { return padded(names.phase(node), to: phaseWidth) }
    let template = graph[node].template
    if let lastPhase, lastPhase.template == template { return lastPhase.text }
    let text = padded(names.phase(node), to: phaseWidth)
    lastPhase = (template, text)
    return text
  }

  private static func painted(_ word: String, _ tone: Style.Tone, _ style: Style) -> String {
    style.paint(padded(word, to: wordWidth), tone)
  }
}
