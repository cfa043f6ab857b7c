import Analysis
import Glibc
import Journal
import Operations
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
        name: PlanOptions.vm.name,
        value: PlanOptions.vm.value,
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
  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isJSON = try arguments.isJSON()
    let audited = try RecordAudit(
      RunReference(
        name: arguments.positionals.first,
        state: try RunOptions.state(arguments),
        vms: try PlanOptions.vms(arguments)
      ),
      tell: console.tell
    )
    let report = AuditReport(audited.graph, audited.audit, run: audited.run)
    if isJSON {
      var writer = Terminal.json()
      report.writeJSON(to: &writer)
    } else {
      var output = Terminal.output()
      report.write(to: &output)
      output.flush()
    }
    return audited.audit.findings.isEmpty ? .succeeded : .failed
  }
}
