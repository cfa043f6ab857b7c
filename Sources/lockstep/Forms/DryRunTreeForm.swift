import Glibc
import Operations
import PlanGraph
import Reports
import Words

/// The dry-run as a tree for a terminal.
struct DryRunTreeForm {
  private let dryRun: DryRun

  /// Whether phases with very many steps show them all.
  private let isWhole: Bool
  private let isDetailed: Bool

  init(_ dryRun: DryRun, _ arguments: ParsedArguments) {
    self.dryRun = dryRun
    isWhole = arguments.isSet("--all")
    isDetailed = arguments.isSet("--details")
  }

  func write(to output: inout TextOutput) {
    let graph = dryRun.graph
    let barriers = graph.nodes.reduce(0) { $0 + ($1.kind == .barrier ? 1 : 0) }
    output.line("plan \(graph.planName)")
    if let documentation = graph.documentation {
      DryRunTree.writeDocumentation(documentation, to: &output)
    }
    for host in dryRun.preparation.vms.hosts?.lines ?? [] { output.line(host) }
    for vm in dryRun.preparation.vms.distinct {
      for line in VMDescription.lines(of: vm) { output.line(line) }
    }
    output.line(
      "\(counted(graph.stepCount, "step")), \(counted(barriers, "barrier"))"
        + (dryRun.leftOut.isEmpty ? "" : "; \(dryRun.leftOut.count) of the steps left out")
    )
    for sentence in Untouched.sentences(dryRun.untouched) {
      for line in wrapped(safeForTerminal(sentence), width: 80) { output.line(line) }
    }
    if let overlay = dryRun.overlay {
      for line in wrapped(safeForTerminal(overlay.words), width: 80) { output.line(line) }
    }
    for line in dryRun.supervisors.lines { output.line(line) }
    output.line()
    DryRunTree(
      graph,
      fold: isWhole ? .nothing : nil,
      facts: dryRun.facts(isDetailed: isDetailed)
    ).write(to: &output)
  }
}
