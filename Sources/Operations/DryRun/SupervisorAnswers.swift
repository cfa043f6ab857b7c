package import Machine
import VM
import Words

/// What the supervisors of the machines say about their processes, if they are asked.
package struct SupervisorAnswers {
  private var answers: [(vm: String, look: SupervisorStatus)] = []
  private let isAsked: Bool
  /// The supervisors.
  package let choice: SupervisorChoice

  /// Asks them if requested.
  ///
  /// - Throws: an error if they are of a kind that cannot be asked.
  init(
    _ preparation: Preparation,
    _ choice: SupervisorChoice,
    isAsked: Bool
  ) throws(CommandFailure) {
    self.isAsked = isAsked
    self.choice = choice
    guard isAsked else { return }
    var controlFile: String?
    switch choice {
    case .monit(let file): controlFile = file
    case .auto: break
    case .ctl:
      throw CommandFailure(
        message: "ctl keeps no state to ask for",
        help: "write --supervisor monit, or omit '--ask'"
      )
    case .systemd:
      throw CommandFailure(
        message: "systemd is asked by starting systemctl, and a dry-run starts nothing",
        help: "ask with 'systemctl status', or omit '--ask'"
      )
    }
    var seen: Set<String> = []
    for machine in preparation.vms.all where seen.insert(machine.vm.path).inserted {
      answers.append(
        (machine.vm.path, SupervisorStatus(machine.vm, controlFile: controlFile))
      )
    }
  }

  /// For people, at most 80 columns wide; empty if none was asked.
  package var lines: [String] {
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

  /// A JSON array; nil if none was asked.
  package var json: [UInt8]? {
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
