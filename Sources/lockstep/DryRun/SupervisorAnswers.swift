import Machine
import VM
import Words

/// What the supervisors of the machines say of their processes, where `--ask` asks them.
struct SupervisorAnswers {
  static let options = [
    OptionSpec(
      name: "--ask",
      value: nil,
      help: "ask monit how the processes are now and show it (tree and json): the only question to "
        + "anybody, and the only socket, of a dry-run"
    ),
    OptionSpec(
      name: "--supervisor",
      value: "WHO",
      help:
        "who would start and stop processes, as for run: auto (default), monit, monit=FILE, ctl, "
        + "systemd or systemd=PROGRAM; with --ask, which asks monit alone: monit (default) or "
        + "monit=FILE"
    ),
  ]

  private var answers: [(vm: String, look: SupervisorStatus)] = []
  private let isAsked: Bool
  /// Who would start and stop processes.
  let choice: SupervisorChoice

  init(_ preparation: Preparation, _ arguments: ParsedArguments) throws(UsageError) {
    isAsked = arguments.isSet("--ask")
    choice = try RunOptions.supervisor(arguments["--supervisor"] ?? "auto")
    guard isAsked else { return }
    var controlFile: String?
    switch choice {
    case .monit(let file): controlFile = file
    case .auto: break
    case .ctl:
      throw UsageError(
        message: "ctl keeps no state that could be asked for",
        help: "write --supervisor monit, or leave '--ask' out"
      )
    case .systemd:
      throw UsageError(
        message: "systemd is asked by starting systemctl, and a dry-run starts nothing",
        help: "ask with 'systemctl status', or leave '--ask' out"
      )
    }
    var seen: Set<String> = []
    for machine in preparation.vms.all where seen.insert(machine.vm.path).inserted {
      answers.append(
        (machine.vm.path, SupervisorStatus(machine.vm, controlFile: controlFile))
      )
    }
  }

  /// For people, at most 80 columns wide; none where nobody was asked.
  var lines: [String] {
    var lines: [String] = []
    for (vm, look) in answers {
      let whose = answers.count > 1 ? " of \(vm)" : ""
      let head = "\(look.supervisor)\(whose), now:"
      lines += wrapped(safeForTerminal(head), width: 80)
      if let problem = look.problem {
        lines += wrapped(safeForTerminal(problem), width: 78).map { "  \($0)" }
      } else if look.processes.isEmpty {
        lines.append("  it watches no process")
      }
      for process in look.processes {
        let number = process.process.map { " (process \($0))" } ?? ""
        let job = process.releaseJob.map { $0 == process.name ? "" : " of \($0)" } ?? ""
        let words = "\(process.name)\(job) \(process.words)\(number)"
        lines += wrapped(safeForTerminal(words), width: 78).map { "  \($0)" }
      }
    }
    return lines
  }

  /// An array of JSON; nil where nobody was asked.
  var json: [UInt8]? {
    guard isAsked else { return nil }
    return JSONWriter.bytes { json in
      json.array { json in
        for (vm, look) in answers {
          json.object { json in
            json.field("root", vm)
            json.field("supervisor", look.supervisor)
            json.field("problem", look.problem)
            json.name("processes")
            json.array { json in
              for process in look.processes {
                json.object {
                  $0.field("name", process.name)
                  $0.field("release_job", process.releaseJob)
                  $0.field("running", process.isRunning)
                  $0.field("process", process.process.map { Int($0) })
                  $0.field("words", process.words)
                }
              }
            }
          }
        }
      }
    }
  }
}
