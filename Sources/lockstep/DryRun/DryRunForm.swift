import Glibc
import PlanGraph
import PlanLanguage
import Reports

/// The forms in which a dry-run can be shown.
enum DryRunForm: String, CaseIterable {
  case tree

  /// The options of the forms.
  static let options = [
    OptionSpec(name: "--all", value: nil, help: "show every step of phases with very many"),
    OptionSpec(
      name: "--format",
      value: "FORM",
      help: "of --what-if and --times: text (default) or json"
    ),
  ]

  /// Writes it on standard output.
  func write(_ dryRun: DryRun) {
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    switch self {
    case .tree: Self.writeTree(dryRun, to: &output)
    }
    output.flush()
  }

  private static let mostSteps = 20

  private static func writeTree(_ dryRun: DryRun, to output: inout TextOutput) {
    let graph = dryRun.graph
    let barriers = graph.nodes.reduce(0) { $0 + ($1.kind == .barrier ? 1 : 0) }
    output.line("plan \(graph.planName)")
    if let documentation = graph.documentation {
      DryRunTree.writeDocumentation(documentation, to: &output)
    }
    for path in dryRun.preparation.machines.paths {
      output.line("VM folder \(safeForTerminal(path))")
    }
    output.line(
      "\(counted(graph.stepCount, "step")), \(counted(barriers, "barrier"))"
        + (dryRun.leftOut.isEmpty ? "" : "; \(dryRun.leftOut.count) of the steps left out")
    )
    output.line()
    let most = dryRun.arguments.isSet("--all") ? nil : mostSteps
    DryRunTree(graph, most: most, passedOver: dryRun.leftOut) {
      dryRun.preparation.placement($0)
    }
    .write(to: &output)
  }
}
