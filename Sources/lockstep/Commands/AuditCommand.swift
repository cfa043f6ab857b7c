import Analysis
import Glibc
import Journal
import PlanGraph
import Reports
import Words

/// `lockstep audit`: reads the record of a run once more, and says whether the order was kept.
enum AuditCommand {
  static let spec = CommandSpec(
    name: "audit",
    summary: "check the record of a run against its plan once more",
    arguments: "[RUN]",
    argumentCount: 0...1,
    about: [
      "Reads the journal of the last run on a VM, or of the one of that name (its beginning will "
        + "do), and checks it against the plan's graph by a reading of its own, apart from what "
        + "drives runs: that no step began before all that it waits for had passed, none ran twice "
        + "at once or past its attempts, limits were held and handlers ran. Runs nothing and "
        + "changes nothing.",
      "Exit status 0: all rules were kept; 1: some were not, with the records; 2: something is "
        + "wrong; 3: the plan is not as it was, so there is nothing to check against; 65: the "
        + "journal is damaged.",
    ],
    options: [
      OptionSpec(
        name: VMSelection.option.name,
        value: VMSelection.option.value,
        help: "the VM's folder, of several the first, in which the run is recorded. Default: "
          + "/var/vcap; where there is none, /",
        isRepeatable: true
      ),
      RunOptions.stateOption,
      OptionSpec(name: "--format", value: "FORMAT", help: "text (default) or json"),
    ],
    examples: [(line: "lockstep audit", does: "was the order kept in the last run on this VM?")]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let isJSON = try arguments.word("--format", among: ["text", "json"]) == "json"
    let found: FoundRun
    let place = try ResumeCommand.state(arguments)
    do {
      found = try FoundRun(place, name: arguments.positionals.first)
    } catch {
      Preparation.complain([error])
      return ExitStatus.refused.rawValue
    }
    do throws(ResumeFailure) {
      let contents = try found.read()
      let graph = try RecordedInput(contents.header, arguments, isOnlyLooking: true).prepare().graph
      if GraphIdentity(graph).whole != contents.header.graph {
        complainOfChange(contents.header, graph)
        return ExitStatus.refused.rawValue
      }
      let audit: RunAudit
      do {
        audit = try RunAudit.read(contents, graph)
      } catch {
        throw found.damaged(error)
      }
      let report = AuditReport(graph, audit, run: contents.header.run)
      if isJSON {
        var writer = JSONWriter { Terminal.write($0, to: STDOUT_FILENO) }
        report.writeJSON(to: &writer)
      } else {
        var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
        report.write(to: &output)
        output.flush()
      }
      return (audit.findings.isEmpty ? ExitStatus.succeeded : .failed).rawValue
    } catch {
      switch error {
      case .usage(let error): throw error
      case .problems(let problems):
        Preparation.complain(problems)
        return ExitStatus.refused.rawValue
      case .damaged(let problem):
        Preparation.complain([problem])
        return ExitStatus.damaged.rawValue
      case .status(let status): return status.rawValue
      }
    }
  }

  /// Says which steps are not as they were.
  private static func complainOfChange(_ header: RunHeader, _ graph: Graph) {
    Terminal.complain("error: the plan is not as it was when the run began\n")
    let identity = GraphIdentity(graph)
    var now: [String: UInt64] = [:]
    for node in graph.nodes.indices where graph[node].kind == .step {
      now[graph.name(node)] = identity.steps[graph[node].template]
    }
    var words: [String] = []
    for step in header.steps {
      guard let digest = now.removeValue(forKey: step.name) else {
        words.append("\(step.name): is gone")
        continue
      }
      if digest != step.digest { words.append("\(step.name): its text or clauses have changed") }
    }
    words += now.keys.sorted().map { "\($0): is new in the plan" }
    if words.isEmpty { words = ["its order, blocks or limits have changed"] }
    for line in words.prefix(10) {
      Terminal.complain(filled(safeForTerminal(line), indent: 2))
    }
    if words.count > 10 { Terminal.complain("  and \(words.count - 10) more\n") }
    Terminal.complain(
      filled("help: a run is checked against the plan that it ran; put that back", indent: 2)
    )
  }
}
