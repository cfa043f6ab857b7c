import Analysis
import Glibc
import Journal
import Operations
import PlanGraph
import Reports
import Words

/// `lockstep audit`: checks the record of a run against its plan.
enum AuditCommand {
  static let spec = CommandSpec(
    name: "audit",
    summary: "check the record of a run against its plan",
    arguments: "[RUN]",
    argumentCount: 0...1,
    about: [
      "Reads the journal of the last run on a VM, or of the run called RUN (a unique prefix is "
        + "enough), and checks it against the plan's graph. The check is independent of the code "
        + "that drives runs. It checks that no step began before everything that it waits for had "
        + "passed, that no step ran twice at once or had too many attempts, that limits were "
        + "kept, and that handlers ran. Runs nothing and changes nothing.",
      "Exit status 0: all rules were kept; 1: some were not (the records are shown); 2: the plan "
        + "or the command line is wrong; 3: the run cannot be checked, for example because the "
        + "plan has changed; 65: the journal is damaged.",
    ],
    options: [
      OptionSpec(
        name: PlanOptions.vm.name,
        value: PlanOptions.vm.value,
        help: "the VM's folder; for several VMs, the first, in which the run is recorded. Default: "
          + "/var/vcap, or / if there is no /var/vcap",
        isRepeatable: true
      ),
      RunOptions.stateOption,
      .format,
    ],
    examples: [
      (line: "lockstep audit", does: "check whether the last run on this VM kept the order")
    ]
  )

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
    Terminal.answer(asJSON: isJSON) {
      report.writeJSON(to: &$0)
    } text: {
      report.write(to: &$0)
    }
    return audited.audit.findings.isEmpty ? .succeeded : .failed
  }
}
