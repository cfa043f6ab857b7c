import Clock
import Execution
import Fleet
import Journal
import Machine
import PlanGraph
import Reports
import System
import VM

/// A run that is active on this machine.
struct LiveRun {
  let preparation: Preparation
  let vms: [SubjectID: VMFolder]
  let supervisor: SupervisorChoice
  /// The same as it was written.
  let supervisorText: String
  let records: RunRecords
  /// The locks of its machines.
  let lock: VMLock?
  /// How many records of runs to keep.
  let keep: Int

  /// Drives the run to its end.
  ///
  /// - Parameters:
  ///   - event: the first event.
  ///   - audience: gets what happens.
  /// - Returns: how it ended.
  /// - Throws: an error that says why it could not be driven, and whether anything was started.
  func drive(from event: Event, _ audience: any RunAudience) throws(CommandFailure) -> RunEnd {
    let listener = audience.begin(preparation.graph)
    let run = records.run
    var begun: Machines?
    let machines: Machines
    let outcome: RunOutcome
    let began = Instant.now
    do {
      machines = try self.machines(isResumed: event != .began)
      begun = machines
      outcome = try machines.driver([listener]).drive(run, from: event)
    } catch let error as CommandFailure {
      listener.pause()
      // A host that has heard of the run must not take it for one that is interrupted.
      if begun == nil, event == .began { preparation.vms.hosts?.finish(isOver: true) }
      throw error
    } catch {
      listener.pause()
      let why = Notice.ofCommand("\(error)")
      if begun?.hasStarted != true { throw CommandFailure(.refused, [why]) }
      throw CommandFailure(.failed, [why, .ofCommand("what ran was ended")])
    }
    // The disk may be slow to write the rest.
    listener.pause()
    let isRecorded = close(audience)
    // A run that was interrupted here can be resumed, too.
    if isRecorded, run.run.outcome != nil { records.finish(keep: keep) }
    run.tell([listener])
    listener.pause()
    let evidence = evidence(machines, run.run)
    if let hosts = preparation.vms.hosts {
      tell(audience, of: hosts)
      hosts.finish(isOver: isRecorded && run.run.outcome != nil)
    }
    return RunEnd(
      run: run.run,
      outcome: outcome,
      elapsed: Instant.now - began,
      isRecorded: isRecorded,
      name: records.folder.id.text,
      resumeCommand: records.resumeCommand,
      evidence: evidence,
      lock: lock
    )
  }

  // MARK: Its machines

  /// The machines of the run: folders here, or hosts.
  private enum Machines {
    case folders(LiveMachine)
    case hosts(FleetMachine)

    var hasStarted: Bool {
      switch self {
      case .folders(let machine): machine.hasStarted
      case .hosts(let machine): machine.hasStarted
      }
    }

    func driver(_ listeners: [any AnnouncementListener]) -> RunDriver {
      switch self {
      case .folders(let machine): RunDriver(machine, listeners: listeners)
      case .hosts(let machine): RunDriver(machine, on: machine.loop, listeners: listeners)
      }
    }
  }

  private func machines(isResumed: Bool) throws -> Machines {
    if let hosts = preparation.vms.hosts {
      let settings = FleetSettings(
        run: records.folder.id.text,
        supervisor: supervisorText,
        coordinator: records.coordinator,
        reconnectLimit: hosts.request.reconnectLimit
      )
      return .hosts(try hosts.begin(preparation.graph, settings, isResumed: isResumed))
    }
    return .folders(
      try LiveMachine(
        graph: preparation.graph,
        vms: vms,
        supervisor: supervisor,
        runName: records.folder.id.text,
        holding: HolderSettings(folder: records.folder.stepsPath),
        recorded: records.starts,
        earlierCoordinators: records.coordinators
      )
    )
  }

  /// More than a report shows.
  private static let mostEvidence = 50

  private func evidence(_ machines: Machines, _ run: Run) -> (NodeID) -> FailureEvidence {
    switch machines {
    case .folders(let machine):
      let logs = FailureLogs(machine: machine)
      return { logs.evidence($0) }
    case .hosts(let machine):
      // Asked for now: the connections end before anything is reported.
      let failed = run.failures.keys.sorted().prefix(Self.mostEvidence)
      let found = preparation.vms.hosts?.evidence(of: Array(failed), in: run.graph, machine) ?? [:]
      return { found[$0] ?? FailureEvidence(path: nil) }
    }
  }

  /// Says of which hosts it is not known what runs there.
  private func tell(_ audience: any RunAudience, of hosts: HostSelection) {
    // On a host that was never reached, nothing was started.
    for host in hosts.fleet.unreached where host.report != nil {
      for problem in host.problems {
        audience.tell(.ofCommand("in doubt is what still runs on \(problem.description)"))
      }
    }
  }

  /// Ends the recording, and reports if not all of it is on disk.
  private func close(_ audience: any RunAudience) -> Bool {
    do {
      try records.run.close()
      if case .low(let error) = records.run.state, records.run.run.outcome != .succeeded {
        audience.tell(
          .ofCommand(
            "nothing new was started, so that running steps could be recorded to the end: \(error)"
          )
        )
      }
      return true
    } catch {
      audience.tell(.ofCommand("not everything of this run is recorded: \(error)"))
      return false
    }
  }
}
