import Glibc
import Templates
import VM
import Words

/// `lockstep render`: renders a release job's templates into a VM's folder.
enum RenderCommand {
  static let spec = CommandSpec(
    name: "render",
    summary: "render the templates of a BOSH release job into a VM's folder",
    arguments: "RELEASE-DIR",
    argumentCount: 1...1,
    about: [
      "Renders the templates of a release job as BOSH's director does, with the machine's own Ruby, "
        + "and puts them into ROOT/jobs/NAME as BOSH's agent does. If anything is wrong with any of "
        + "them, all of it is told and nothing is written. Without --job, lists the release jobs.",
      "The properties file is YAML: 'properties' (of this release job, as in a deployment manifest), "
        + "'links' by name (address, properties, instances) and 'spec' of the instance (name, index, "
        + "id, az, deployment, ip, networks ...).",
      "Templates are programs, and run with your rights.",
    ],
    options: [
      OptionSpec(name: "--job", value: "NAME", help: "the release job"),
      OptionSpec(name: "--properties", value: "FILE", help: "properties, links and spec"),
      OptionSpec(name: "--vm", value: "ROOT", help: "the VM's folder, laid out like /var/vcap"),
      OptionSpec(name: "--check", value: nil, help: "render, and write nothing"),
      OptionSpec(
        name: "--timeout",
        value: "DURATION",
        help: "how long the templates may take together (default 60s)"
      ),
    ],
    examples: [
      (line: "lockstep render .", does: "the release jobs of the release in this folder"),
      (
        line: "lockstep render . --job web --properties web.yml --check",
        does: "whether all of its templates can be rendered"
      ),
      (
        line: "lockstep render . --job web --properties web.yml --vm /var/vcap",
        does: "and put what they give into /var/vcap/jobs/web"
      ),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let timeout = try arguments.duration("--timeout") ?? .seconds(60)
    let release = try releaseFolder(arguments.positionals[0])
    do {
      let ruby = try RubyProgram(searchPath: Terminal.environment("PATH"))
      let renderer = TemplateRenderer(ruby, timeout: timeout)
      guard let name = arguments["--job"] else {
        for option in ["--properties", "--vm", "--check"] where arguments.isSet(option) {
          throw RenderEnd.usage(
            UsageError(
              message: "'\(option)' is about a release job",
              help: "name it with --job NAME"
            )
          )
        }
        return try list(release, renderer)
      }
      return try render(name, in: release, renderer, arguments)
    } catch let error as RenderEnd {
      switch error {
      case .usage(let error): throw error
      case .status(let status): return status
      }
    } catch let error as TemplateRenderer.Failure {
      switch error {
      case .cancelled(let signal): return 128 + signal
      case .failed(let problem):
        Preparation.complain([problem])
        return ExitStatus.failed.rawValue
      }
    } catch let error as Problem {
      return Refusal(spec.name).because([error])
    } catch {
      preconditionFailure("nothing else is thrown")
    }
  }

  /// An end before the end.
  private enum RenderEnd: Error {
    case usage(UsageError)
    case status(Int32)
  }

  /// The release's folder without links.
  private static func releaseFolder(_ path: String) throws(UsageError) -> String {
    guard let release = FileReader.resolved(path), FileReader.isFolder(release) else {
      throw UsageError(
        message: "there is no folder '\(path)'",
        help: "name the folder of a release"
      )
    }
    if !FileReader.isFolder("\(release)/jobs") {
      throw UsageError(
        message: "'\(path)' has no folder 'jobs', and so is no BOSH release",
        help: "name the folder that has jobs/, packages/ and config/ in it"
      )
    }
    return release
  }

  private static func list(_ release: String, _ renderer: TemplateRenderer) throws -> Int32 {
    let (jobs, faults) = try renderer.list(release)
    let column = min(30, (jobs.map { columns(safeForTerminal($0.name)) }.max() ?? 0) + 2)
    for job in jobs {
      let words = [job.description, job.scripts.isEmpty ? "" : "(\(job.scripts))"]
      let text = safeForTerminal(words.filter { !$0.isEmpty }.joined(separator: " "))
      let name = safeForTerminal(job.name)
      Terminal.answer(text.isEmpty ? "\(name)\n" : described(name, text, column: column))
    }
    if jobs.isEmpty, faults.isEmpty { Terminal.answer("no release jobs\n") }
    Preparation.complain(faults)
    return (faults.isEmpty ? ExitStatus.succeeded : .wrong).rawValue
  }

  private static func render(
    _ text: String,
    in release: String,
    _ renderer: TemplateRenderer,
    _ arguments: ParsedArguments
  ) throws -> Int32 {
    let name = try releaseJob(text, in: release)
    let isCheck = arguments.isSet("--check")
    guard isCheck || arguments["--vm"] != nil else {
      throw RenderEnd.usage(
        UsageError(message: "--vm is missing", help: "write --vm ROOT, or --check to write nothing")
      )
    }
    let properties = try arguments["--properties"].map(propertiesFile)
    var applySpec: String?
    // Taken first, so that nothing is rendered in vain.
    var folder: ReleaseJobFolder?
    if let vm = arguments["--vm"] {
      if !isCheck {
        if !FileReader.mayBeFolder(vm) {
          throw RenderEnd.usage(
            UsageError(message: "there is no folder '\(vm)'", help: "make it; it may be empty")
          )
        }
        folder = try ReleaseJobFolder(vm: vm)
      }
      // As a run would read it; Ruby is more lenient.
      try VMFolder.checkSpec(onVM: vm)
      applySpec = "\(FileReader.resolved(vm) ?? vm)/bosh/spec.json"
    }
    let rendering = try renderer.render(
      TemplateRenderer.Request(
        release: release,
        releaseJob: name,
        properties: properties,
        applySpec: applySpec
      )
    )
    for warning in rendering.warnings {
      Terminal.complain(
        "warning: \(safeForTerminal(warning.path))\n"
          + filled(safeForTerminal(warning.what), indent: 2)
      )
    }
    if !rendering.faults.isEmpty {
      Preparation.complain(rendering.faults)
      Terminal.complain(
        filled(
          "lockstep render: \(name.text) cannot be rendered; nothing was written",
          indent: 0
        )
      )
      return ExitStatus.wrong.rawValue
    }
    do {
      try folder?.install(rendering.files, of: name)
    } catch {
      Preparation.complain([error])
      return ExitStatus.failed.rawValue
    }
    tell(rendering, folder?.path(of: name))
    return ExitStatus.succeeded.rawValue
  }

  private static func tell(_ rendering: Rendering, _ path: String?) {
    for file in rendering.files {
      let mode = "0" + String(file.mode, radix: 8)
      let size = "\(file.bytes.count)"
      let gap = String(repeating: " ", count: max(0, 8 - size.count))
      Terminal.answer("\(mode) \(gap)\(size)  \(safeForTerminal(file.path.text))\n")
    }
    let files = counted(rendering.files.count, "file")
    Terminal.answer(
      path.map { "wrote \(files) into \(safeForTerminal($0))\n" }
        ?? "\(files) rendered, nothing written\n"
    )
  }

  private static func releaseJob(_ text: String, in release: String) throws -> CheckedName {
    let name: CheckedName
    do {
      name = try CheckedName(text)
    } catch {
      throw RenderEnd.usage(UsageError(message: "the name '\(text)' of --job \(error.reason)"))
    }
    if access("\(release)/jobs/\(text)/spec", F_OK) == 0 { return name }
    throw RenderEnd.usage(
      UsageError(
        message: "the release has no release job '\(text)': there is no jobs/\(text)/spec",
        help: "'lockstep render RELEASE-DIR' lists them"
      )
    )
  }

  /// The absolute path of a file that another process is to read.
  private static func propertiesFile(_ path: String) throws -> String {
    var status = stat()
    guard let real = FileReader.resolved(path), stat(real, &status) == 0 else {
      throw RenderEnd.usage(UsageError(message: "there is no properties file '\(path)'"))
    }
    if status.st_mode & S_IFMT != S_IFREG {
      throw RenderEnd.usage(
        UsageError(
          message: "the properties file '\(path)' is no regular file",
          help: "put its text into one"
        )
      )
    }
    return real
  }
}
