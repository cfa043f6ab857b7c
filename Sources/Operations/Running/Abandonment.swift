import Machine
import System

/// A person's decision to abandon unfinished runs for a new one: `--abandon`.
package struct Abandonment: Sendable {
  /// What happens to what such a run has left.
  package enum Way: String, CaseIterable, Sendable {
    /// It is awaited.
    case wait
    /// It gets TERM, and KILL later.
    case end
  }

  private let said: [(run: String, way: Way)]
  /// What happens to everything else that prevents a run; nil if it still prevents one.
  let others: Way?

  /// Whether any run is abandoned.
  var isEmpty: Bool { said.isEmpty && others == nil }

  /// Makes the decisions.
  ///
  /// - Parameters:
  ///   - said: the decisions by run, each with a prefix of its name.
  ///   - others: the decision about everything else that prevents a run; nil for none.
  package init(_ said: [(run: String, way: Way)] = [], others: Way? = nil) {
    self.said = said
    self.others = others
  }

  /// What happens to what the runs of these IDs have left; nil if nobody decided about all of them.
  func way(for ids: [String]) -> Way? {
    let ways = ids.map { id in said.first { id.hasPrefix($0.run) }?.way ?? others }
    if ways.isEmpty { return others ?? said.first?.way }
    return ways.contains { $0 == nil } ? nil : ways.contains(.end) ? .end : .wait
  }

  /// Resolves the names of runs.
  ///
  /// - Parameters:
  ///   - runs: the runs that can be named.
  ///   - others: the IDs of runs that can be named as well, and are settled.
  /// - Returns: the named ones of `runs`, each once, with what happens to what they have left.
  /// - Throws: an error if a name matches no run or several runs.
  func resolved(
    among runs: [UnfinishedRuns.Found],
    or others: Set<String> = []
  ) throws(CommandFailure) -> [(run: UnfinishedRuns.Found, way: Way)] {
    var result: [(run: UnfinishedRuns.Found, way: Way)] = []
    for (name, way) in said {
      let matching = runs.filter { $0.id.hasPrefix(name) }
      let all = runs.map(\.id).joined(separator: ", ")
      guard let run = matching.first else {
        if others.contains(where: { $0.hasPrefix(name) }) { continue }
        throw CommandFailure(
          message: "no unfinished run on this VM is called '\(name)'",
          help: runs.isEmpty ? "there is none; omit '--abandon'" : "there is: \(all)"
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

  /// Waits for what runs have left, or ends it, and reports this.
  ///
  /// - Parameters:
  ///   - left: the processes.
  ///   - run: their run, for people.
  ///   - way: what happens to them.
  ///   - tell: gets what is awaited.
  /// - Returns: nil when nothing is left; otherwise the signal that stopped the waiting.
  /// - Throws: an error that says why that is not possible.
  static func settle(
    _ left: [LeftoverProcess],
    of run: String,
    _ way: Way,
    tell: @escaping Tell
  ) throws(SystemError) -> Int32? {
    if left.isEmpty { return nil }
    let end = try LeftoverWait.wait(for: left, isEnding: way == .end) { left, isFirst in
      let what = way == .end ? "ending" : isFirst ? "waiting for" : "still waiting for"
      let hint = way == .end ? "" : "; Ctrl-C stops waiting without starting anything"
      for process in left {
        tell(.words("\(what) \(process.step) of \(run): \(process.words)\(hint)"))
      }
    }
    if case .stopped(let signal) = end { return signal }
    return nil
  }
}
