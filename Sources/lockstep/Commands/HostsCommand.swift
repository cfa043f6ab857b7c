import Operations
import VM
import Words

/// `lockstep hosts`: shows which host each instance is on, and asks each how it is.
enum HostsCommand {
  static let spec = CommandSpec(
    name: "hosts",
    summary: "show the hosts of a plan's instances, and ask each how it is",
    arguments: "[PLAN]",
    argumentCount: 0...1,
    about: [
      "Connects to every host that the hosts file names, starts 'lockstep serve' there, and shows "
        + "what it says: the version of lockstep, the release jobs of the VM, how far its clock is "
        + "ahead of this machine's, and how much room is left for logs. Nothing else is started.",
      "With PLAN, the instances are those of the plan, so that patterns such as web/* can be used.",
    ],
    options: HostOptions.all.filter { $0.name != HostOptions.unreachable.name } + [
      OptionSpec(
        name: PlanOptions.vm.name,
        value: "NAME=ssh://USER@HOST",
        help: "a single host, such as web/0=ssh://root@10.0.16.5:22/var/vcap",
        isRepeatable: true
      ),
      PlanOptions.set,
      PlanOptions.setFile,
      PlanOptions.fact,
      .format,
    ],
    examples: [
      (line: "lockstep hosts --hosts hosts.txt", does: "ask all hosts of the file"),
      (
        line: "bosh -d cf instances --json | lockstep hosts --hosts - --format json",
        does: "ask the VMs of a BOSH deployment, and print JSON"
      ),
    ]
  )

  /// The number in front of the JSON document; another one if its readers have to change.
  private static let formatVersion = 1

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let isJSON = try arguments.isJSON()
    var plan: PlanRequest?
    if let name = arguments.positionals.first { plan = try PlanOptions.request(name, arguments) }
    let named = try HostOptions.request(arguments)
    guard let request = plan?.vms.hosts ?? named else {
      throw CommandFailure(
        message: "no hosts are named",
        help: "write --hosts FILE, or --vm web/0=ssh://USER@HOST"
      )
    }
    let survey = try HostSurvey(request, for: plan, console.tell)
    Terminal.answer(asJSON: isJSON) {
      writeJSON(survey, to: &$0)
    } text: {
      writeText(survey, to: &$0)
    }
    return survey.isComplete ? .succeeded : .refused
  }

  private static func writeText(_ survey: HostSurvey, to output: inout TextOutput) {
    let head = ["instance", "host", "lockstep", "clock", "free", "release jobs"]
    let table = survey.rows.map { row in
      [
        safeForTerminal(row.instance), safeForTerminal(row.host), row.version ?? "-",
        row.clockSkew.map(words) ?? "-", row.freeBytes.map { "\($0 >> 20) MiB" } ?? "-",
        row.failure == nil ? words(row.releaseJobs) : "not reached",
      ]
    }
    let widths = head.indices.map { column in
      ([head] + table).map { columns($0[column]) }.max() ?? 0
    }
    for line in [head] + table {
      let cells = zip(line, widths).map { cell, width in
        cell + String(repeating: " ", count: width - columns(cell))
      }
      let text = cells.joined(separator: "  ")
      output.line(String(text.reversed().drop { $0 == " " }.reversed()))
    }
    for row in survey.rows where row.failure != nil {
      guard let failure = row.failure else { continue }
      output.line()
      output.paragraph("\(failure.path): \(failure.what)")
      if let help = failure.help { output.paragraph("help: \(help)", indent: 2) }
    }
  }

  private static func words(_ releaseJobs: [String]) -> String {
    releaseJobs.isEmpty ? "none" : safeForTerminal(releaseJobs.joined(separator: " "))
  }

  /// A skew that is not only the time of the answer.
  private static func words(_ skew: Duration) -> String {
    if skew > .seconds(-1), skew < .seconds(1) { return "same" }
    return (skew > .zero ? "+" : "-") + (skew > .zero ? skew : .zero - skew).forPeople
  }

  private static func writeJSON(_ survey: HostSurvey, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("version", formatVersion)
      writer.objects("hosts", survey.rows) { writer, row in
        writer.field("instance", row.instance)
        writer.field("host", row.host)
        writer.field("reached", row.failure == nil)
        writer.field("problem", row.failure?.description)
        writer.field("lockstep", row.version)
        writer.field("folder", row.folder)
        writer.field("release_jobs", row.releaseJobs)
        writer.field("clock_skew", row.clockSkew)
        writer.name("free_bytes")
        if let free = row.freeBytes { writer.value(free) } else { writer.null() }
        writer.field("root", row.isRoot)
      }
    }
  }
}
