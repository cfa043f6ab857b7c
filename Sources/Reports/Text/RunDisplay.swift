package import Clock
package import Execution
package import PlanGraph
import Words

/// Turns what a run announces into lines for people, at most 80 columns wide.
package struct RunDisplay {
  private let graph: Graph
  private let names: NodeNames
  private let style: Style
  private var started: [NodeID: Instant] = [:]
  /// How many signals were shown.
  private var signals = 0
  private let phaseWidth: Int
  /// The words of most lines, painted and padded.
  private let beginWord: String
  private let okWord: String
  /// The phase of the last line as it was shown: most lines are about the step of the line before.
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

  /// The lines for an announcement, none for most.
  ///
  /// - Parameters:
  ///   - announcement: what came about.
  ///   - now: when it did.
  ///   - clock: the time of day to show.
  ///   - isRecorded: whether it is on disk. A step that is not there as succeeded is not called ok, since
  ///     it would run again.
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
      return line(clock, "await", .caution, node, "begun before; awaited if it runs")
    case .attemptLost(let node, _):
      started[node] = nil
      return line(clock, "again", .caution, node, "nobody saw how it ended")
    case .halted:
      return [
        "\(clock)  \(Self.painted("stop", .bad, style))"
          + "nothing new starts, because nothing can be recorded"
      ]
    case .stepSucceeded(let node, _) where !isRecorded:
      started[node] = nil
      return line(clock, "ended", .caution, node, "exit status 0, which is not recorded")
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
    }
  }

  /// The lines for a person's wish to stop the run.
  package mutating func lines(forSignal number: Int32, clock: String) -> [String] {
    signals += 1
    let begin = "\(clock)  \(Self.painted("stop", .bad, style))\(signalName(number)): "
    let indent = String(repeating: " ", count: Self.wordColumn + Self.wordWidth)
    switch signals {
    case 1:
      return [
        begin + "what runs is asked to end, nothing new starts;",
        indent + "a second signal ends everything at once",
      ]
    case 2:
      return [
        begin + "what runs is killed, handlers too;",
        indent + "a third signal does not wait for it to end",
      ]
    default: return [begin + "nothing is waited for any more"]
    }
  }

  /// The lines for what a step itself has to say while it goes on.
  ///
  /// - Parameters:
  ///   - text: what it says.
  ///   - node: the step.
  ///   - isWarning: whether it is more than what it waits for.
  ///   - clock: the time of day to show.
  /// - Returns: the lines.
  package mutating func lines(
    saying text: String,
    of node: NodeID,
    isWarning: Bool,
    clock: String
  ) -> [String] {
    line(clock, isWarning ? "warning" : "waits", isWarning ? .caution : .dim, node, text)
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

  /// The lines that say something of a node; `word` is painted and padded.
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
    guard graph[node].kind == .step else { return Self.padded(names.phase(node), phaseWidth) }
    let template = graph[node].template
    if let lastPhase, lastPhase.template == template { return lastPhase.text }
    let text = Self.padded(names.phase(node), phaseWidth)
    lastPhase = (template, text)
    return text
  }

  private static func painted(_ word: String, _ tone: Style.Tone, _ style: Style) -> String {
    style.paint(padded(word, wordWidth), tone)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    let count = columns(text)
    return count >= width ? text : text + String(repeating: " ", count: width - count)
  }
}

/// Colours for people who want them.
package struct Style: Sendable {
  /// What a colour says.
  package enum Tone: Sendable { case good, caution, bad, dim, strong }

  private let isColored: Bool

  /// Makes a style, with or without colours.
  package init(isColored: Bool) { self.isColored = isColored }

  /// The text in the colour of its tone (ECMA-48 SGR), or as it is.
  package func paint(_ text: String, _ tone: Tone) -> String {
    if !isColored { return text }
    let code =
      switch tone {
      case .good: "32"
      case .caution: "33"
      case .bad: "1;31"
      case .dim: "2"
      case .strong: "1"
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
