import Glibc
import Operations
import Reports
import Words

/// The formats of a dry-run.
enum DryRunForm: String, CaseIterable {
  case tree, json, dot, mermaid, svg, html

  /// The options of the formats.
  static let options = [
    OptionSpec(
      name: "--format",
      value: "FORM",
      help: "tree (default), json, dot (for Graphviz), mermaid, svg, or html (a self-contained "
        + "page). With --what-if and --times: text (default) or json"
    ),
    OptionSpec(name: "--all", value: nil, help: "show every step, even of phases with very many"),
    OptionSpec(
      name: "--details",
      value: nil,
      help: "for each step, also show its full command, what waits for it, and where it is written"
    ),
    OptionSpec(
      name: "--fold",
      value: "WHAT",
      help: "which steps share a box in a picture: none (one box for each step), or those of a "
        + "phase on an instance, on a deployment-job, or in the whole phase. Default: as few as "
        + "are readable; for dot, none"
    ),
  ]

  /// The format that a command line asks for.
  init(_ arguments: ParsedArguments) throws(CommandFailure) {
    let word = try arguments.word("--format", among: Self.allCases.map(\.rawValue))
    self = word.flatMap(Self.init) ?? .tree
    for (option, forms) in [("--all", [Self.tree]), ("--details", [.tree])]
    where arguments.isSet(option) && !forms.contains(self) {
      throw CommandFailure(
        message: "'\(option)' is for the tree; \(rawValue) has everything"
      )
    }
    if arguments.isSet("--fold"), self == .tree || self == .json {
      throw CommandFailure(message: "'--fold' is for pictures: dot, mermaid, svg and html")
    }
  }

  private static func fold(_ arguments: ParsedArguments) throws(CommandFailure) -> Diagram.Fold? {
    let words = Diagram.Fold.allCases.map(\.rawValue)
    return try arguments.word("--fold", among: words).flatMap(Diagram.Fold.init)
  }

  /// Writes it to standard output.
  func write(_ dryRun: DryRun, _ arguments: ParsedArguments) throws(CommandFailure) {
    switch self {
    case .tree: return Terminal.answer { DryRunTreeForm(dryRun, arguments).write(to: &$0) }
    case .json: return Terminal.answerJSON { DryRunDocument(dryRun).write(to: &$0) }
    case .dot, .mermaid, .svg, .html: break
    }
    let diagram = try DryRunPicture(dryRun.graph, self).diagram(try Self.fold(arguments))
    let facts = dryRun.facts(isDetailed: true)
    let picture = Picture(diagram, overlay: dryRun.overlay, fates: facts.fate)
    Terminal.answer { output in
      switch self {
      case .tree, .json: break
      case .dot: DOTGraph(picture).write(to: &output)
      case .mermaid: MermaidChart(picture).write(to: &output)
      case .svg: SVGDrawing(picture).write(isAlone: true, to: &output)
      case .html:
        HTMLPage(picture, facts: facts, untouched: Untouched.sentences(dryRun.untouched))
          .write(to: &output)
      }
    }
  }
}
