import Clock
import Execution
import Journal
import Machine
import PlanGraph
import System
import VM

/// Runs a plan.
package struct PlanRun {
  private let request: RunRequest
  private let audience: any RunAudience

  /// Prepares to run a plan.
  ///
  /// - Parameters:
  ///   - request: the plan, and how it is run.
  ///   - audience: gets what happens.
  package init(_ request: RunRequest, _ audience: any RunAudience) {
    self.request = request
    self.audience = audience
  }

  /// A plan that is ready to run on its machines.
  private struct Ready {
    var preparation: Preparation
    var vms: [SubjectID: VMFolder]
    var supervisor: SupervisorChoice
    var policy: RunPolicy
  }

  /// Runs it to its end.
  ///
  /// - Returns: how it ended.
  /// - Throws: an error that says why nothing was started, or what went wrong afterwards.
  package func run() throws(CommandFailure) -> RunResult {
    let ready = try prepare()
    let vms = ready.preparation.vms
    var lock: VMLock?
    let header: RunHeader
    try vms.hosts?.lock(patience: request.patience) { audience.tell($0) }
    do {
      lock = try VMLock(vms.all.map(\.vm), waiting: request.patience) { problem in
        audience.tell(.ofCommand("waits: \(problem.what)"))
      }
    } catch {
      throw .locked(error, vms)
    }
    do {
      header = try RunHeader(
        ready.preparation,
        ready.vms,
        policy: ready.policy,
        supervisor: request.supervisor
      )
    } catch {
      throw .refused([error])
    }
    let graph = ready.preparation.graph
    if request.isOncePerBoot, let place = RunRecords.place(request.state, vms),
      let earlier = SuccessInBoot.find(of: header, graph, place)
    {
      return .succeededBefore(plan: graph.planName, run: earlier.text)
    }
    let onHosts = try vms.hosts?.settleEarlierRuns(
      but: nil,
      isEnding: { runs in request.abandonment.way(for: runs).map { $0 == .end } },
      { audience.tell($0) }
    )
    var earlier = EarlierRuns(vms, state: request.state, request.abandonment, header) {
      audience.tell($0)
    }
    earlier.settledElsewhere = onHosts ?? []
    if case .resume(let found) = try earlier.settle(mayResume: request.isOncePerBoot) {
      // The resume takes the lock itself.
      lock = nil
      return try Resumption(found, resumeRequest) { audience.tell($0) }.run(audience)
    }
    var records: RunRecords
    do {
      records = try RunRecords(
        Run(graph, policy: ready.policy),
        header: header,
        state: request.state,
        vms
      )
    } catch {
      throw .refused([error])
    }
    records.coordinators = earlier.coordinators
    earlier.finish(records.folder)
    let live = LiveRun(
      preparation: ready.preparation,
      vms: ready.vms,
      supervisor: ready.supervisor,
      supervisorText: request.supervisor,
      records: records,
      lock: lock,
      keep: request.keep
    )
    return .ended(try live.drive(from: .began, audience))
  }

  private func prepare() throws(CommandFailure) -> Ready {
    let supervisor = try SupervisorChoice(text: request.supervisor)
    let preparation = try Preparation(request.plan) { audience.tell($0) }
    let graph = preparation.graph
    let vms = try preparation.vms.foldersByInstance(of: graph)
    var policy = RunPolicy(
      parallel: request.parallel,
      failureMode: request.failureMode,
      seed: request.seed ?? UInt64(bitPattern: Int64(Instant.now.nanoseconds))
    )
    policy.passedOver = try request.selection.passedOver(graph)
    let problems = try preparation.problems(
      on: vms,
      supervisor: request.supervisor,
      leavingOut: Set(policy.passedOver.keys)
    )
    if !problems.isEmpty { throw .refused(problems) }
    return Ready(
      preparation: preparation,
      vms: vms,
      supervisor: supervisor,
      policy: policy
    )
  }

  /// How to resume a run that was interrupted in this boot, instead of starting a new one.
  private var resumeRequest: ResumeRequest {
    ResumeRequest(
      run: RunReference(state: request.state, vms: request.plan.vms),
      parameters: request.plan.parameters,
      keep: request.keep
    )
  }
}
