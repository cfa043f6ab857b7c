import Execution
import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// `lockstep dry-run`: shows what a run would do.
enum DryRunCommand {
  static let spec = CommandSpec(
    name: "dry-run",
    summary: "show what a plan would do on a VM; run and change nothing",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Prints phases, barriers and steps in the order in which they would be executed: what each "
        + "would run, where it logs, what it waits for, by which rules. Starts nothing and writes "
        + "nothing. What would keep a run from starting is told at the end, with exit status 2.",
      "Paths are relative to the VM's folder.",
    ],
    options: Preparation.options + RunSelection.options + [
      OptionSpec(name: "--all", value: nil, help: "show every step of phases with very many")
    ],
    examples: [
      (line: "lockstep dry-run bosh-deploy", does: "what bosh-deploy would do on this VM"),
      (
        line: "lockstep dry-run site.plan --vm ./root", does: "the same for another plan and folder"
      ),
    ]
  )

  private static let mostSteps = 20

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    guard let preparation = try Preparation.make(arguments).0 else {
      return ExitStatus.wrong.rawValue
    }
    let graph = preparation.graph
    try preparation.machines.requireRoots(of: graph)
    let leftOut = try RunSelection.passedOver(graph, arguments)
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    let barriers = graph.nodes.reduce(0) { $0 + ($1.kind == .barrier ? 1 : 0) }
    output.line("plan \(graph.planName)")
    if let documentation = graph.documentation {
      DryRunTree.writeDocumentation(documentation, to: &output)
    }
    for path in preparation.machines.paths {
      output.line("VM folder \(safeForTerminal(path))")
    }
    output.line(
      "\(counted(graph.stepCount, "step")), \(counted(barriers, "barrier"))"
        + (leftOut.isEmpty ? "" : "; \(leftOut.count) of the steps left out")
    )
    output.line()
    let most = arguments.isSet("--all") ? nil : mostSteps
    DryRunTree(graph, most: most, passedOver: leftOut) { preparation.placement($0) }
      .write(to: &output)
    output.flush()
    let roots = preparation.machines.rootsToLookAt(of: graph)
    let problems = Preflight.problems(
      graph: graph,
      roots: roots,
      leavingOut: Set(leftOut.keys)
    )
    if problems.isEmpty { return ExitStatus.succeeded.rawValue }
    Preparation.complain(problems)
    Terminal.complain("lockstep dry-run: a run would be refused, nothing would be started\n")
    return ExitStatus.wrong.rawValue
  }
}
