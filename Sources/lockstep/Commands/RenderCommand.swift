import Operations
import Templates
import Words

/// `lockstep render`: renders a release job's templates into a VM's folder.
enum RenderCommand {
  static let spec = CommandSpec(
    name: "render",
    summary: "render the templates of a BOSH release job into a VM's folder",
    arguments: "RELEASE-DIR",
    argumentCount: 1...1,
    about: [
      "Renders the templates of a release job as BOSH's director does, with the Ruby of this "
        + "machine, and writes the results to ROOT/jobs/NAME as BOSH's agent does. If any "
        + "template is wrong, all mistakes are reported and nothing is written. Without --job, "
        + "lists the release jobs.",
      "The properties file is YAML with 'properties' (of this release job, as in a deployment "
        + "manifest), 'links' by name (address, properties, instances) and 'spec' of the instance "
        + "(name, index, id, az, deployment, ip, networks ...).",
      "Templates are programs. They run with your permissions.",
    ],
    options: [
      OptionSpec(name: "--job", value: "NAME", help: "the release job"),
      OptionSpec(name: "--properties", value: "FILE", help: "properties, links and spec"),
      OptionSpec(name: "--vm", value: "ROOT", help: "the VM's folder, laid out like /var/vcap"),
      OptionSpec(name: "--check", value: nil, help: "render but write nothing"),
      OptionSpec(
        name: "--timeout",
        value: "DURATION",
        help: "how long all templates together may take (default 60s)"
      ),
    ],
    examples: [
      (line: "lockstep render .", does: "list the release jobs of the release in this folder"),
      (
        line: "lockstep render . --job web --properties web.yml --check",
        does: "check whether all templates of a release job can be rendered"
      ),
      (
        line: "lockstep render . --job web --properties web.yml --vm /var/vcap",
        does: "render them into /var/vcap/jobs/web"
      ),
    ],
    tellsRefusal: true
  )

  static func run(
    _ arguments: ParsedArguments,
    _ console: Console
  ) throws(CommandFailure) -> ExitStatus {
    let timeout = try arguments.duration("--timeout") ?? .seconds(60)
    let release = try ReleaseRendering(
      arguments.positionals[0],
      searchPath: Terminal.environment("PATH"),
      timeout: timeout
    )
    if let name = arguments["--job"] {
      let request = RenderRequest(
        name,
        properties: arguments["--properties"],
        vm: arguments["--vm"],
        isCheck: arguments.isSet("--check")
      )
      let (files, folder) = try release.render(request, tell: console.tell)
      answer(files, folder)
      return .succeeded
    }
    for option in ["--properties", "--vm", "--check"] where arguments.isSet(option) {
      throw CommandFailure(
        message: "'\(option)' is about a release job",
        help: "name it with --job NAME"
      )
    }
    let (jobs, faults) = try release.list()
    answer(jobs)
    if jobs.isEmpty, faults.isEmpty { Terminal.answer("no release jobs\n") }
    console.tell(.problems(faults))
    return faults.isEmpty ? .succeeded : .wrong
  }

  private static func answer(_ jobs: [ListedReleaseJob]) {
    let column = min(30, (jobs.map { columns(safeForTerminal($0.name)) }.max() ?? 0) + 2)
    for job in jobs {
      let words = [job.description, job.scripts.isEmpty ? "" : "(\(job.scripts))"]
      let text = safeForTerminal(words.filter { !$0.isEmpty }.joined(separator: " "))
      let name = safeForTerminal(job.name)
      Terminal.answer(text.isEmpty ? "\(name)\n" : described(name, text, column: column))
    }
  }

  private static func answer(_ files: [RenderedFile], _ folder: String?) {
    for file in files {
      let mode = "0" + String(file.mode, radix: 8)
      let size = "\(file.bytes.count)"
      let gap = String(repeating: " ", count: max(0, 8 - size.count))
      Terminal.answer("\(mode) \(gap)\(size)  \(safeForTerminal(file.path.text))\n")
    }
    let count = counted(files.count, "file")
    Terminal.answer(
      folder.map { "wrote \(count) into \(safeForTerminal($0))\n" }
        ?? "\(count) rendered, nothing written\n"
    )
  }
}
