import Execution
import Glibc
import Machine
import PlanGraph
import PlanLanguage
import Reports

/// `lockstep run`: executes a plan.
enum RunCommand {
  static let spec = CommandSpec(
    name: "run",
    summary: "execute a plan on a VM",
    arguments: "PLAN",
    argumentCount: 1...1,
    about: [
      "Executes the plan's steps, each as soon as everything that it waits for has passed. A failure "
        + "keeps what depends on it from starting; whatever does not still runs. The scripts' output "
        + "goes to the VM's own log files, sys/log/RELEASE-JOB/SCRIPT.stdout.log and .stderr.log.",
      "The first SIGINT or SIGTERM asks what runs to end and starts nothing more but handlers; the "
        + "second ends everything at once.",
    ],
    options: Preparation.options + [
      OptionSpec(
        name: "--parallel",
        value: "N",
        help: "how many steps at most are under way at once (default \(RunPolicy.defaultParallel))"
      ),
      OptionSpec(
        name: "--supervisor",
        value: "WHO",
        help: "who starts and stops processes: monit (its control file in the usual place), "
          + "monit=FILE (that control file), ctl (lockstep itself, from the monit files of the "
          + "release jobs), auto (default: monit if it answers, else ctl)"
      ),
      OptionSpec(
        name: "--on-failure",
        value: "MODE",
        help: "finish (default): what does not depend on it still runs; stop: what runs ends, "
          + "nothing else starts; abort: what runs is asked to end"
      ),
      OptionSpec(
        name: "--quiet",
        value: nil,
        help: "print failures and the end only"
      ),
    ],
    examples: [
      (line: "lockstep run bosh-deploy", does: "bring up this VM as BOSH would"),
      (
        line: "lockstep run site.plan --vm ./root --set batch=2",
        does: "another plan and folder, with a value for a param"
      ),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    // Nobody has to listen for the run to go on.
    signal(SIGPIPE, SIG_IGN)
    let parallel = try arguments.int("--parallel", in: 1...100_000)
    let modes = RunPolicy.FailureMode.allCases.map(\.rawValue)
    let mode = try arguments.word("--on-failure", among: modes)
    let supervisor = try supervisor(arguments)
    let (made, status) = try Preparation.make(arguments)
    guard let preparation = made else { return refuse(status) }
    let graph = preparation.graph
    let roots = try preparation.machines.roots(of: graph)
    let problems = Preflight.problems(graph: graph, roots: roots, supervisor: supervisor)
    if !problems.isEmpty {
      Preparation.complain(problems)
      return refuse(.refused)
    }
    let policy = RunPolicy(
      parallel: parallel ?? RunPolicy.defaultParallel,
      failureMode: mode.flatMap(RunPolicy.FailureMode.init) ?? .finish,
      seed: UInt64(bitPattern: Int64(Instant.now.nanoseconds))
    )
    let style = Style(isColored: try Terminal.usesColor(STDOUT_FILENO, arguments))
    let isQuiet = arguments.isSet("--quiet")

    var output = TextOutput { Terminal.write($0, to: STDOUT_FILENO) }
    var display = RunDisplay(graph, style: style)
    var state = Run(graph, policy: policy)
    var hasStarted = false
    let machine: LiveMachine
    let outcome: RunOutcome
    let began = Instant.now
    do {
      machine = try LiveMachine(graph: graph, roots: roots, supervisor: supervisor)
      outcome = try machine.drive(
        handle: { event, now in state.handle(event, at: now) },
        observe: { now, event, actions in
          guard let event else { return output.flush() }
          if !hasStarted {
            hasStarted = actions.contains { if case .start = $0 { true } else { false } }
          }
          if case .cancelled(let signal) = event {
            for line in display.lines(forSignal: signal, clock: Terminal.clock()) {
              output.line(line)
            }
          }
          if isQuiet { return }
          for case .announce(let announcement) in actions {
            for line in display.lines(for: announcement, at: now, clock: Terminal.clock()) {
              output.line(line)
            }
          }
        }
      )
    } catch {
      output.flush()
      Terminal.complain(filled("lockstep run: \(safeForTerminal("\(error)"))", indent: 0))
      if !hasStarted { return refuse(.refused) }
      Terminal.complain("lockstep run: what ran was ended\n")
      return ExitStatus.failed.rawValue
    }
    let logs = FailureLogs(preparation: preparation, roots: roots, machine: machine)
    RunReport(state, style: style) { logs.evidence($0) }
      .write(outcome: outcome, elapsed: Instant.now - began, to: &output)
    output.flush()
    switch outcome {
    case .succeeded: return ExitStatus.succeeded.rawValue
    case .cancelled(let signal): return 128 + signal
    case .failed: return ExitStatus.failed.rawValue
    }
  }

  /// The end of a run that has not begun.
  private static func refuse(_ status: ExitStatus) -> Int32 {
    if status == .refused { Terminal.complain("lockstep run: refused, nothing was started\n") }
    return status.rawValue
  }

  /// What `--supervisor` says.
  private static func supervisor(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> SupervisorChoice {
    guard let text = arguments["--supervisor"] else { return .auto }
    let prefix = "monit="
    if text.hasPrefix(prefix), text != prefix {
      return .monit(String(text.dropFirst(prefix.count)))
    }
    switch try arguments.word("--supervisor", among: ["auto", "ctl", "monit"]) {
    case "ctl": return .ctl
    case "monit": return .monit(nil)
    default: return .auto
    }
  }
}
