import Glibc
import VM
import Words

/// `lockstep new`: writes a first plan.
enum NewCommand {
  static let spec = CommandSpec(
    name: "new",
    summary: "write a first plan, from a VM's release jobs or a template",
    arguments: "[FILE]",
    argumentCount: 0...1,
    about: [
      "Writes a plan to start from into FILE, which must not be there yet, or to standard output. "
        + "With --vm it has the phases that the release jobs of that VM have scripts for; else it is "
        + "one of the templates:",
      PlanTemplate.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: ", ") + ".",
    ],
    options: [
      OptionSpec(name: "--vm", value: "ROOT", help: "the VM's folder, laid out like /var/vcap"),
      OptionSpec(
        name: "--template",
        value: "NAME",
        help: PlanTemplate.allCases.map(\.rawValue).joined(separator: ", ") + "; default minimal"
      ),
    ],
    examples: [
      (line: "lockstep new site.plan --vm /var/vcap", does: "from what is on this VM"),
      (line: "lockstep new --template rolling", does: "a rolling upgrade, on standard output"),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    let names = PlanTemplate.allCases.map(\.rawValue)
    let template = try arguments.word("--template", among: names).flatMap(PlanTemplate.init)
    if template != nil, arguments.isSet("--vm") {
      throw UsageError(message: "'--vm' and '--template' exclude each other")
    }
    let file = arguments.positionals.first
    let name = planName(for: file)
    let text: String
    if let path = arguments["--vm"] {
      do {
        let vm = try VMSelection.open(path)
        text = vm.isPlain ? PlanTemplate.units.text(name: name) : plan(name, on: vm)
      } catch {
        return error.complain().rawValue
      }
    } else {
      text = (template ?? .minimal).text(name: name)
    }
    guard let file, file != "-" else {
      Terminal.write(Array(text.utf8), to: STDOUT_FILENO)
      return ExitStatus.succeeded.rawValue
    }
    if let reason = FileReplacement.create(file, with: Array(text.utf8)) {
      throw UsageError(message: "cannot write '\(file)': \(reason)")
    }
    Terminal.answer(
      filled("wrote \(safeForTerminal(file)); look at it with", indent: 0)
        + "  lockstep dry-run \(safeForTerminal(shellWords([file])))\n"
    )
    return ExitStatus.succeeded.rawValue
  }

  /// `site` for `plans/site.plan`; a name that the language takes, whatever the file's.
  private static func planName(for file: String?) -> String {
    let base = (file ?? "first").split(separator: "/").last.map(String.init) ?? "first"
    let stem = base.hasSuffix(".plan") ? String(base.dropLast(5)) : base
    var name = ""
    for scalar in stem.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
      case "0"..."9", "-": if !name.isEmpty { name.unicodeScalars.append(scalar) }
      default: if !name.isEmpty, !name.hasSuffix("-") { name.append("-") }
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "first" : name
  }

  /// A plan with the phases that a machine's release jobs have something to do in.
  private static func plan(_ name: String, on vm: VMFolder) -> String {
    let jobs = vm.releaseJobs.map(\.text)
    var parts: [String] = []
    func owners(_ script: String) -> [String] {
      jobs.filter { vm.hasScript(script, of: $0) }
    }
    func add(_ comment: String, _ phase: String, afterBarrier scope: String) {
      if !parts.isEmpty { parts.append("  barrier across \(scope)\n") }
      parts.append(wrapped(comment) + "  \(phase)\n")
    }
    for script in ["pre-start", "start", "post-start", "post-deploy"] {
      let scope = script == "post-deploy" ? "deployment" : "instance"
      let who = script == "start" ? jobs.filter { vm.hasProcesses(of: $0) } : owners(script)
      if who.isEmpty { continue }
      let list = who.joined(separator: ", ")
      if script == "start" {
        add(
          "Starts the processes of \(list) and waits until they run.",
          "phase start { start { timeout 5m settle 10s } }",
          afterBarrier: scope
        )
      } else {
        add(
          "Runs bin/\(script) of \(list).",
          "phase \(script) { script \(script) }",
          afterBarrier: scope
        )
      }
    }
    if parts.isEmpty {
      parts.append(
        "  # No release job here has a script or a process yet.\n"
          + "  phase pre-start { script pre-start }\n"
      )
    }
    let holds = jobs.isEmpty ? "no release job yet" : jobs.joined(separator: ", ")
    return """
      # Brings up a VM.
      plan \(name) {
      \(wrapped("The release jobs found here: \(holds)."))  default { retry 2 backoff 1s..10s timeout 30m }

      \(parts.joined(separator: "\n"))}

      """
  }

  /// A comment's lines, indented as in a plan's body.
  private static func wrapped(_ words: String) -> String {
    filled(words, indent: 4).split(separator: "\n").map { "  # \($0.dropFirst(4))\n" }.joined()
  }
}
