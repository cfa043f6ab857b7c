import Operations
import PlanGraph
import PlanLanguage
import Words

/// `lockstep debug`: shows a plan as Lockstep sees it.
enum DebugCommand {
  static let spec = CommandSpec(
    name: "debug",
    summary: "show a plan's tokens, tree or graph as the program sees them",
    arguments: "tokens|tree|graph PLAN",
    argumentCount: 2...2,
    about: [
      "For those who work on lockstep or want to know how it reads a plan. The output is not made "
        + "for programs and may change."
    ],
    options: PlanOptions.all,
    examples: [
      (
        line: "lockstep debug graph bosh-deploy",
        does: "show the nodes of a plan and what they wait for"
      )
    ]
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let what = arguments.positionals[0]
    let plan = try PlanCompilation.load(arguments.positionals[1])
    switch what {
    case "tokens": Terminal.answer(describeTokens(of: plan.parsed.tree.source))
    case "tree": Terminal.answer(describeTree(plan.parsed.tree))
    case "graph":
      let request = PlanRequest(
        plan: plan,
        parameters: try arguments.pairs("--set"),
        facts: try arguments.pairs("--fact"),
        vms: try PlanOptions.vms(arguments)
      )
      let graph = try PlanCheck.graph(of: request, isAlone: !arguments.isSet("--vm"))
      Terminal.answer(describeGraph(graph))
    default:
      throw CommandFailure(message: "cannot show '\(what)'", help: "tokens, tree or graph")
    }
    return .succeeded
  }
}
