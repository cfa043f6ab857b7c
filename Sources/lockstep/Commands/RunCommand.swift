import Clock
import Execution
import Glibc
import Journal
import Machine
import PlanGraph
import Reports
import System
import VM
import Words

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
        + "goes to the VM's own log files, sys/log/RELEASE-JOB/SCRIPT.stdout.log and .stderr.log; on a "
        + "machine that has nothing to do with BOSH, that of commands goes to /var/log/lockstep.",
      "A run that was broken off is looked for first. Nothing is started as long as a step of it still "
        + "runs, or one that may not be run twice is in doubt: 'lockstep resume' goes on with it, and "
        + "--abandon gives it up.",
      "The first SIGINT or SIGTERM asks what runs to end and starts nothing more but handlers; the "
        + "second ends everything at once.",
    ],
    options: Preparation.options + RunSelection.options + RunOptions.options
      + [RunOptions.oncePerBootOption, RunOptions.waitOption, Abandonment.option],
    examples: [
      (line: "lockstep run bosh-deploy", does: "bring up this VM as BOSH would"),
      (
        line: "lockstep run site.plan --vm ./root --set batch=2",
        does: "another plan and folder, with a value for a param"
      ),
      (
        line: "lockstep run bosh-deploy --from start",
        does: "the phase 'start' and all that waits for it"
      ),
    ]
  )

  @Sendable
  static func run(_ arguments: ParsedArguments) throws(UsageError) -> Int32 {
    Terminal.needNobody()
    let refusal = Refusal(spec.name)
    let options = try RunOptions(arguments)
    let supervisor = try RunOptions.supervisor(options.supervisorText)
    let patience = try arguments.duration(RunOptions.waitOption.name) ?? .zero
    let (made, status) = try Preparation.make(arguments)
    guard let preparation = made else { return refusal.status(status) }
    let graph = preparation.graph
    let vms = try preparation.vms.foldersByInstance(of: graph)
    var policy = RunPolicy(
      parallel: options.parallel,
      failureMode: options.failureMode,
      seed: options.seed ?? UInt64(bitPattern: Int64(Instant.now.nanoseconds))
    )
    policy.passedOver = try RunSelection.passedOver(graph, arguments)
    let style = Style(isColored: try Terminal.usesColor(STDOUT_FILENO, arguments))
    let problems = Preflight.problems(
      graph: graph,
      vms: vms,
      supervisor: supervisor,
      leavingOut: Set(policy.passedOver.keys)
    )
    if !problems.isEmpty { return refusal.because(problems) }

    let abandonment = try Abandonment(arguments)
    let isOnce = arguments.isSet(RunOptions.oncePerBootOption.name)
    var lock: VMLock?
    let header: RunHeader
    do {
      lock = try VMLock(preparation.vms.all.map(\.vm), waiting: patience) { problem in
        Terminal.complain(
          filled("lockstep run: waits: \(safeForTerminal(problem.what))", indent: 0)
        )
      }
      header = try RunHeader(
        preparation,
        vms,
        policy: policy,
        supervisor: options.supervisorText
      )
    } catch {
      return refusal.because([error])
    }
    defer { withExtendedLifetime(lock) {} }
    if isOnce, let place = RunRecords.place(options.state, preparation.vms),
      let earlier = SuccessInBoot.find(of: header, graph, place)
    {
      Terminal.answer(
        filled(
          "\(safeForTerminal(graph.planName)) has succeeded since this boot, as run \(earlier): "
            + "nothing to do",
          indent: 0
        )
      )
      return ExitStatus.succeeded.rawValue
    }
    var earlier = EarlierRuns(
      preparation.vms,
      state: options.state,
      abandonment,
      header,
      refusal
    )
    switch try earlier.settle(mayResume: isOnce) {
    case .begin: break
    case .end(let status): return status
    case .resume(let found):
      // It takes the lock itself.
      lock = nil
      return try ResumeCommand.goOn(found, arguments, refusal)
    }
    var records: RunRecords
    do {
      records = try RunRecords(
        Run(graph, policy: policy),
        header: header,
        state: options.state,
        preparation.vms
      )
    } catch {
      return refusal.because([error])
    }
    records.coordinators = earlier.coordinators
    earlier.finish(records.folder)
    return LiveRun(
      command: spec.name,
      preparation: preparation,
      vms: vms,
      supervisor: supervisor,
      records: records,
      style: style,
      isQuiet: arguments.isSet(RunOptions.quietOption.name),
      keep: options.keep
    ).drive(from: .began)
  }
}
