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

/// A run that is under way, for people: what is shown while it goes on, and told at its end.
struct LiveRun {
  /// The name of the command, for messages.
  let command: String
  let preparation: Preparation
  let vms: [SubjectID: VMFolder]
  let supervisor: SupervisorChoice
  let records: RunRecords
  let style: Style
  let isQuiet: Bool
  /// How many records of runs stay.
  let keep: Int

  /// Drives the run to its end.
  ///
  /// - Parameter event: what it begins with.
  /// - Returns: the exit status.
  func drive(from event: Event) -> Int32 {
    let people = Audience()
    defer { people.leave() }
    let screen = RunScreen(preparation.graph, style: style, isQuiet: isQuiet) { people.show($0) }
    let listeners = [screen]
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
      outcome = try RunDriver(machine, listeners: listeners).drive(run, from: event)
    } catch {
      screen.output.flush()
      people.complain(filled("lockstep \(command): \(safeForTerminal("\(error)"))", indent: 0))
      if begun?.hasStarted != true {
        people.leave()
        return Refusal(command).status(.refused)
      }
      people.complain("lockstep \(command): what ran was ended\n")
      return ExitStatus.failed.rawValue
    }
    // The disk may be slow to take the rest.
    screen.output.flush()
    let isRecorded = close(people)
    // One that was broken off here, too, is for a resume.
    if isRecorded, records.run.run.outcome != nil { records.finish(keep: keep) }
    run.tell(listeners)
    screen.output.flush()
    people.isReport = true
    let logs = FailureLogs(preparation: preparation, vms: vms, machine: machine)
    RunReport(run.run, style: style) { logs.evidence($0) }
      .write(
        outcome: outcome,
        elapsed: Instant.now - began,
        isRecorded: isRecorded,
        to: &screen.output
      )
    if outcome != .succeeded || !isRecorded { suggestResume(to: &screen.output) }
    screen.output.flush()
    switch outcome {
    case .succeeded: return isRecorded ? ExitStatus.succeeded.rawValue : ExitStatus.failed.rawValue
    case .cancelled(let signal): return 128 + signal
    case .failed: return ExitStatus.failed.rawValue
    }
  }

  /// Ends the recording; says so where not all of it is on disk.
  private func close(_ people: Audience) -> Bool {
    do {
      try records.run.close()
      if case .low(let error) = records.run.state, records.run.run.outcome != .succeeded {
        people.complain(
          filled(
            "lockstep \(command): nothing new was started, so that what ran could be recorded to its "
              + "end: \(safeForTerminal("\(error)"))",
            indent: 0
          )
        )
      }
      return true
    } catch {
      people.complain(
        filled(
          "lockstep \(command): not everything of this run is recorded: "
            + safeForTerminal("\(error)"),
          indent: 0
        )
      )
      return false
    }
  }

  private func suggestResume(to output: inout TextOutput) {
    output.line("to go on with what has not succeeded:")
    for line in records.resumeCommand { output.line("  \(safeForTerminal(line))") }
  }
}

/// The end of a command that has started nothing.
struct Refusal {
  private let command: String

  init(_ command: String) { self.command = command }

  /// Says that nothing was started, where that is not plain; gives the exit status.
  func status(_ status: ExitStatus) -> Int32 {
    if status == .refused {
      Terminal.complain("lockstep \(command): refused, nothing was started\n")
    }
    return status.rawValue
  }

  /// Says what stands in the way, and that nothing was started.
  func because(_ problems: [Problem]) -> Int32 {
    Preparation.complain(problems)
    return status(.refused)
  }
}
