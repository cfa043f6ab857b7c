import Glibc
import PlanGraph
import PlanLanguage
import Words

/// `lockstep debug`: shows what one station of the program makes of a plan.
enum DebugCommand {
  static let spec = CommandSpec(
    name: "debug",
    summary: "show a plan's tokens, tree or graph as the program sees them",
    arguments: "tokens|tree|graph PLAN",
    argumentCount: 2...2,
    about: [
      "For those who work on lockstep itself or wonder how it reads a plan. The text is not made for "
        + "programs and may change."
    ],
    options: Preparation.options,
    examples: [(line: "lockstep debug graph bosh-deploy", does: "nodes and what they wait for")]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let what = arguments.positionals[0]
    var plan = try PlanCompilation.load(arguments.positionals[1])
    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    switch what {
    case "tokens": output.put(describeTokens(of: plan.parsed.tree.source))
    case "tree": output.put(describeTree(plan.parsed.tree))
    case "graph":
      let site = try site(arguments, plan)
      let parameters = try arguments.pairs("--set")
      let built = PlanCompilation.build(&plan, parameters: parameters, site: site)
      let findings = Findings(plan, built)
      if findings.hasErrors {
        Terminal.complain(findings.text(color: try Terminal.usesColor(STDERR_FILENO, arguments)))
      }
      guard let graph = built.graph, !findings.hasErrors else { return ExitStatus.wrong.rawValue }
      output.put(describeGraph(graph))
    default:
      throw UsageError(message: "cannot show '\(what)'", help: "tokens, tree or graph")
    }
    output.flush()
    return ExitStatus.succeeded.rawValue
  }

  /// The machine where one is named, else none.
  private static func site(
    _ arguments: ParsedArguments,
    _ plan: LoadedPlan
  ) throws(UsageError) -> Site {
    guard arguments.isSet("--vm") else { return .unknown }
    let request = try VMSelection.Request(arguments)
    let facts = try arguments.pairs("--fact")
    do {
      return try VMSelection(request, plan: plan).site(facts: facts)
    } catch {
      Preparation.complain(error.problems)
      throw UsageError(message: "the VM's folder cannot be used")
    }
  }
}
