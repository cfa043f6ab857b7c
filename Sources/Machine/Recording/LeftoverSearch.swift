import Clock
import Glibc
package import Journal
import PlanGraph
import System
package import VM

/// Searches for what interrupted runs have left on some VMs.
///
/// Create it while no one else can start anything there.
package struct LeftoverSearch {
  private let isOnlyLooking: Bool
  private var processes: [StepProcess]
  /// Programs of control files, which `ctl` has started.
  private var programs: [EarlierProgram]
  private var coordinators: Set<Int32> = []

  /// Searches all processes.
  ///
  /// - Parameters:
  ///   - vms: the VMs.
  ///   - isOnlyLooking: whether nothing may be changed; otherwise a holder that has not begun yet
  ///     is kept from beginning.
  package init(on vms: [VMFolder], isOnlyLooking: Bool) {
    self.isOnlyLooking = isOnlyLooking
    processes = StepProcess.all(on: vms)
    programs = EarlierProgram.all(on: vms)
  }

  /// Takes out what belongs to one run.
  ///
  /// - Parameters:
  ///   - unfinished: what its journal leaves open; nil if that cannot be read.
  ///   - contents: its journal.
  ///   - folder: its folder.
  /// - Returns: what it has left.
  package mutating func take(
    _ unfinished: UnfinishedRun?,
    _ contents: JournalContents?,
    in folder: RunFolder
  ) -> RunLeftovers {
    take(PastRun(unfinished, contents), stepsPath: folder.stepsPath)
  }

  /// Takes out what belongs to one run that is coordinated from elsewhere.
  ///
  /// - Parameters:
  ///   - history: what its record says; nil if that cannot be read.
  ///   - folder: its folder.
  /// - Returns: what it has left.
  package mutating func take(_ history: FarHistory?, in folder: FarRunFolder) -> RunLeftovers {
    take(PastRun(history), stepsPath: folder.stepsPath)
  }

  private mutating func take(_ run: PastRun, stepsPath: String) -> RunLeftovers {
    coordinators.formUnion(run.coordinators)
    var result = RunLeftovers()
    let held = takeHeld(run, stepsPath, &result)
    for (node, attempt) in run.open where !held.contains(node) {
      guard let living = attempt.start?.living else { continue }
      processes.removeAll { $0.stat.process == living.process }
      result.add(.process(living), living.process, step: run.names[node] ?? "a step")
    }
    takePrograms(run, but: held, &result)
    takeUnrecorded(run, &result)
    return result
  }

  /// What is left that is certainly a step, and belongs to no run whose record was found.
  package func rest() -> [LeftoverProcess] {
    processes.compactMap { found in
      let process = found.stat.process
      if let record = found.heldRecord {
        guard case .running(let number) = record.read() else { return nil }
        return LeftoverProcess(.held(record), number, step: "a command of \(found.folder)")
      }
      if let script = found.script {
        return LeftoverProcess(.process(found.identity), process, step: script)
      }
      guard let coordinator = ControlGroups.coordinator(of: process),
        !coordinators.contains(coordinator), ProcessStat(coordinator)?.isDead != false
      else { return nil }
      return LeftoverProcess(
        .process(found.identity),
        process,
        step: found.arguments.joined(separator: " ")
      )
    }
  }

  // MARK: Commands that may not be run twice

  /// A holder makes its record before the command starts, and continues when we are gone.
  ///
  /// So the record also shows what was not written to the journal.
  ///
  /// - Returns: the steps that have such a record.
  private mutating func takeHeld(
    _ run: PastRun,
    _ stepsPath: String,
    _ result: inout RunLeftovers
  ) -> Set<NodeID> {
    let holders = processes.filter { $0.heldRecord?.folder == stepsPath }
    processes.removeAll { found in holders.contains { $0.stat.process == found.stat.process } }
    for holder in holders {
      guard let record = holder.heldRecord, record.read() == .absent else { continue }
      if isOnlyLooking {
        result.add(.held(record), holder.stat.process, step: run.name(of: record))
      } else {
        // If it has begun in the meantime, this is found now.
        _ = record.withdraw()
      }
    }
    let attempts = HeldCommandRecord.lastAttempts(in: stepsPath).sorted { $0.key < $1.key }
    for (node, number) in attempts {
      let record = HeldCommandRecord(
        folder: stepsPath,
        name: HeldCommandRecord.name(node, attempt: number)
      )
      let name = run.names[node] ?? "a step"
      let (state, text) = record.inspect()
      // A process that writes to its log is its command, or left behind by it.
      let own = processes.filter { $0.isLog(ofStepNamed: name) && $0.isPossible(text) }
      switch state {
      case .running(let process): result.add(.held(record), process, step: name)
      case .lost:
        // Its holder was killed before it had recorded the command.
        if let command = own.first, text?.command == nil {
          result.add(.process(command.identity), command.stat.process, step: name)
        } else if run.isDoubtful(node, number) {
          result.addDoubtful(name)
        }
      case .absent, .ended: break
      }
      processes.removeAll { found in own.contains { $0.stat.process == found.stat.process } }
    }
    return Set(attempts.map(\.key))
  }

  // MARK: Programs of control files

  /// A step that starts or stops processes has no process of its own, but may have left a start or
  /// stop program.
  private mutating func takePrograms(
    _ run: PastRun,
    but held: Set<NodeID>,
    _ result: inout RunLeftovers
  ) {
    guard let began = run.began else { return }
    programs.removeAll { program in
      guard program.stat.start + ProcessStat.tick > began,
        let step = run.step(of: program.placed.releaseJob, but: held)
      else { return false }
      result.add(.process(program.identity), program.stat.process, step: step)
      return true
    }
  }

  // MARK: What was not recorded

  private mutating func takeUnrecorded(_ run: PastRun, _ result: inout RunLeftovers) {
    guard let began = run.began else { return }
    processes.removeAll { found in
      let group = ControlGroups.coordinator(of: found.stat.process)
      let isInGroup = group.map(run.coordinators.contains) ?? false
      // A script can execute itself again and leave that process behind, also in an earlier
      // session.
      if found.script != nil, run.isLeftBehind(found, isInGroup: isInGroup) { return true }
      guard found.stat.start + ProcessStat.tick > began else { return false }
      let steps = run.steps(writingTo: found)
      if found.script != nil {
        let name = steps.first ?? found.script ?? ""
        result.add(.process(found.identity), found.stat.process, step: name)
        return true
      }
      if found.heldRecord != nil { return false }
      let isStep = !steps.isEmpty && run.mayBeUnrecorded(found, isInGroup: isInGroup)
      if isStep {
        result.add(.process(found.identity), found.stat.process, step: steps[0])
      }
      // A daemon that one of its steps left on purpose belongs to no other run.
      return isStep || isInGroup
    }
  }
}

extension StepProcess {
  /// Whether it is not older than the record of a holder.
  fileprivate func isPossible(_ text: HeldRecordContents?) -> Bool {
    text.map { stat.start + ProcessStat.tick > $0.began } ?? true
  }
}
