import Clock
import Execution
import Journal
import Machine
import PlanGraph
import System
import VM

/// A run that is active on this machine.
struct LiveRun {
  let preparation: Preparation
  let vms: [SubjectID: VMFolder]
  let supervisor: SupervisorChoice
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
    var begun: LiveMachine?
    let machine: LiveMachine
    let outcome: RunOutcome
    let began = Instant.now
    do {
      machine = try LiveMachine(
        graph: preparation.graph,
        vms: vms,
        supervisor: supervisor,
        runName: records.folder.id.text,
        holding: HolderSettings(folder: records.folder.stepsPath),
        recorded: records.starts,
        earlierCoordinators: records.coordinators
      )
      begun = machine
      outcome = try RunDriver(machine, listeners: [listener]).drive(run, from: event)
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
    let logs = FailureLogs(machine: machine)
    return RunEnd(
      run: run.run,
      outcome: outcome,
      elapsed: Instant.now - began,
      isRecorded: isRecorded,
      name: records.folder.id.text,
      resumeCommand: records.resumeCommand,
      evidence: { logs.evidence($0) },
      lock: lock
    )
  }

  /// Ends the recording, and reports if not all of it is on disk.
  private func close(_ audience: any RunAudience) -> Bool {
    do {
      try records.run.close()
      if case .low(let error) = records.run.state, records.run.run.outcome != .succeeded {
        audience.tell(
          .ofCommand(
            "nothing new was started, so that what ran could be recorded to its end: \(error)"
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
