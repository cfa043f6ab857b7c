import PlanGraph
import PlanLanguage
import Words

/// What is looked at before a unit is written.
enum BootChecks {
  /// A unit can be read by everybody.
  static func refuseSecrets(
    _ preparation: Preparation,
    _ given: Set<String>
  ) throws(UsageError) {
    for source in preparation.graph.sources {
      for item in Parser.parse(source).tree.plan?.items ?? [] {
        guard case .param(let param) = item, param.isSecret, given.contains(param.name.text) else {
          continue
        }
        throw UsageError(
          message: "'\(param.name.text)' is secret, and everybody can read the unit",
          help: "put the value into a file of root's own: --set-file \(param.name.text)=FILE"
        )
      }
    }
  }

  /// How a unit comes to wait for the one that starts it.
  ///
  /// - Parameter way: the unit, what it is ordered after, and so on to the unit for the boot.
  /// - Returns: a warning, in lines.
  static func warning(_ way: [String]) -> String {
    let between = way.dropFirst().dropLast().map { "'\($0)'" }
    let words =
      between.isEmpty
      ? "'\(way[0])' is ordered after the unit that runs the plan"
      : "'\(way[0])' is ordered after \(between.joined(separator: ", that after ")), which waits for "
        + "the unit that runs the plan"
    return filled(
      "warning: \(safeForTerminal(words)): after a boot each would wait for the other, so the run "
        + "starts it without regard to its ordering",
      indent: 0
    )
  }

  /// The lines of a text, each fit for a terminal.
  static func safeText(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      safeForTerminal(String($0))
    }
    .joined(separator: "\n")
  }
}
