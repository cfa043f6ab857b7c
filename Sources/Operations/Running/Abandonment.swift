import Machine
import System

/// What a person says of runs that are not over, and are to be given up for a new one: `--abandon`.
package struct Abandonment: Sendable {
  /// What is to become of what such a run has left.
  package enum Way: String, CaseIterable, Sendable {
    /// It is waited for.
    case wait
    /// It is asked to end, and ended.
    case end
  }

  private let said: [(run: String, way: Way)]
  /// What is to become of whatever else is in the way; nil where it is to stay in the way.
  let others: Way?

  /// Whether any run is named.
  var isEmpty: Bool { said.isEmpty && others == nil }

  /// Takes what is said.
  ///
  /// - Parameters:
  ///   - said: of runs, each by the beginning of its name.
  ///   - others: of whatever else is in the way; nil where it is to stay there.
  package init(_ said: [(run: String, way: Way)] = [], others: Way? = nil) {
    self.said = said
    self.others = others
  }

  /// Finds out which runs are meant.
  ///
  /// - Throws: where a name is nobody's or several runs'.
  func resolved(
    among runs: [UnfinishedRuns.Found]
  ) throws(CommandFailure) -> [(run: UnfinishedRuns.Found, way: Way)] {
    var result: [(run: UnfinishedRuns.Found, way: Way)] = []
    for (name, way) in said {
      let matching = runs.filter { $0.id.hasPrefix(name) }
      let all = runs.map(\.id).joined(separator: ", ")
      guard let run = matching.first else {
        throw CommandFailure(
          message: "no run on this VM that is not over is called '\(name)'",
          help: runs.isEmpty ? "there is none; leave '--abandon' out" : "there is: \(all)"
        )
      }
      if matching.count > 1 {
        throw CommandFailure(
          message: "'\(name)' begins the IDs of \(matching.count) runs",
          help: "give more characters: \(matching.map(\.id).joined(separator: ", "))"
        )
      }
      if !result.contains(where: { $0.run.id == run.id }) { result.append((run, way)) }
    }
    return result
  }

  /// Waits for what runs have left, or ends it, and tells of it.
  ///
  /// - Parameters:
  ///   - left: the processes.
  ///   - run: whose they are, for people.
  ///   - way: what is to become of them.
  ///   - tell: is told what is waited for.
  /// - Returns: nil when nothing is left; else the signal by which somebody stopped the waiting.
  /// - Throws: why that is not possible.
  static func settle(
    _ left: [LeftoverProcess],
    of run: String,
    _ way: Way,
    tell: @escaping Tell
  ) throws(SystemError) -> Int32? {
    if left.isEmpty { return nil }
    let end = try LeftoverWait.wait(for: left, isEnding: way == .end) { left, isFirst in
      let what = way == .end ? "ending" : isFirst ? "waiting for" : "still waiting for"
      let hint = way == .end ? "" : "; Ctrl-C stops the waiting, and nothing is started then"
      for process in left {
        tell(.words("\(what) \(process.step) of \(run): \(process.words)\(hint)"))
      }
    }
    if case .stopped(let signal) = end { return signal }
    return nil
  }
}
