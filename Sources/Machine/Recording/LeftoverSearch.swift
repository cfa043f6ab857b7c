import Clock
import Glibc
package import Journal
import PlanGraph
import System
package import VM

/// Searches for what interrupted runs have left on some VMs.
///
/// Create it while nobody else can start anything there.
package struct LeftoverSearch {
  private let isOnlyLooking: Bool
  private var processes: [StepProcess]
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
    let run = Run(unfinished, contents)
    coordinators.formUnion(run.coordinators)
    var result = RunLeftovers()
    takeHeld(run, folder, &result)
    for (node, attempt) in run.open {
      guard let living = run.start(of: attempt)?.living else { continue }
      processes.removeAll { $0.stat.process == living.process }
      result.add(.process(living), living.process, step: run.names[node] ?? "a step")
    }
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
  private mutating func takeHeld(_ run: Run, _ folder: RunFolder, _ result: inout RunLeftovers) {
    let holders = processes.filter { $0.heldRecord?.folder == folder.stepsPath }
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
    let attempts = HeldCommandRecord.lastAttempts(in: folder.stepsPath).sorted { $0.key < $1.key }
    for (node, number) in attempts {
      let record = HeldCommandRecord(
        folder: folder.stepsPath,
        name: HeldCommandRecord.name(node, attempt: number)
      )
      let name = run.names[node] ?? "a step"
      run.open[node] = nil
      let (state, text) = record.inspect()
      // A process that writes to its log is its command, or left behind by it.
      let own = processes.filter { $0.isLog(ofStepNamed: name) && $0.isPossible(text) }
      switch state {
      case .running(let process): result.add(.held(record), process, step: name)
      case .lost:
        // Its holder was killed before it had recorded the command.
        if let command = own.first, text?.command == nil {
          result.add(.process(command.identity), command.stat.process, step: name)
        } else if run.isDoubtful(node, number, .lost) {
          result.addDoubtful(name)
        }
      case .absent, .ended: break
      }
      processes.removeAll { found in own.contains { $0.stat.process == found.stat.process } }
    }
  }

  // MARK: What was not recorded

  private mutating func takeUnrecorded(_ run: Run, _ result: inout RunLeftovers) {
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

  /// What is known of the run.
  private final class Run {
    var open: [NodeID: UnfinishedRun.Attempt]
    let names: [NodeID: String]
    let coordinators: Set<Int32>
    /// Its last coordinator started nothing before this moment; nil if that was in another boot.
    let began: Instant?
    private let unfinished: UnfinishedRun?
    private let sessions: [RunSession]

    init(_ unfinished: UnfinishedRun?, _ contents: JournalContents?) {
      let sessions = contents?.sessions ?? []
      self.unfinished = unfinished
      self.sessions = sessions
      open = unfinished?.open ?? [:]
      coordinators = Set(sessions.filter { isThisBoot($0.boot) }.map(\.process))
      let steps = contents.map { $0.header.steps.map { ($0.node, $0.name) } } ?? []
      names = Dictionary(steps) { first, _ in first }
      let last = unfinished?.lastSession
      began = last.flatMap { last in isThisBoot(sessions[last.number].boot) ? last.began : nil }
    }

    /// The start of an attempt's process; nil if it has no process.
    func start(of attempt: UnfinishedRun.Attempt) -> RecordedStart? {
      guard let process = attempt.process, let began = unfinished?.begins[attempt.session] else {
        return nil
      }
      return RecordedStart(
        boot: sessions[attempt.session].boot,
        asked: began,
        process: RecordedStart.Process(process, recorded: attempt.recorded)
      )
    }

    func name(of record: HeldCommandRecord) -> String {
      let number = record.name.split(separator: "-").first.flatMap { UInt32($0) }
      return number.flatMap { names[NodeID($0)] } ?? "a step"
    }

    func isDoubtful(_ node: NodeID, _ number: Int, _ evidence: UnfinishedRun.Evidence) -> Bool {
      unfinished?.isDoubtful(node, attempt: number, evidence) ?? true
    }

    func steps(writingTo found: StepProcess) -> [String] {
      names.filter { found.isLog(ofStepNamed: $0.value) }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether this process is known to belong to none of the steps that write to its log.
    ///
    /// Such a step has an open attempt with another process, or its last attempt was seen to end
    /// and the process is not younger than that. A process's start is known only to a tick. If it
    /// began in the tick of that end, its cgroup decides: what was left behind was moved out of it.
    func isLeftBehind(_ found: StepProcess, isInGroup: Bool) -> Bool {
      guard let unfinished else { return false }
      let nodes = names.filter { found.isLog(ofStepNamed: $0.value) }.keys
      return !nodes.isEmpty
        && nodes.allSatisfy { node in
          if let attempt = unfinished.open[node] {
            return attempt.process != nil && isThisBoot(sessions[attempt.session].boot)
          }
          let end = unfinished.lastEnd(of: node) { isThisBoot(sessions[$0].boot) }
          let start = isInGroup ? found.stat.start + ProcessStat.tick : found.stat.start
          return end.map { start <= $0 } ?? false
        }
    }

    /// Whether a process may be an attempt whose start was not recorded.
    ///
    /// If the step has a recorded process, this one was left behind by it. The same holds if an
    /// attempt of the step has ended, unless the process is in a cgroup of the run: what was left
    /// behind was moved out of that.
    func mayBeUnrecorded(_ found: StepProcess, isInGroup: Bool) -> Bool {
      guard let unfinished, !unfinished.processes.contains(found.stat.process) else { return false }
      for (node, name) in names where found.isLog(ofStepNamed: name) {
        if unfinished.open[node]?.process != nil { continue }
        if isInGroup || unfinished.ended[node] == nil { return true }
      }
      return false
    }
  }
}

extension StepProcess {
  /// Whether it is not older than the record of a holder.
  fileprivate func isPossible(_ text: HeldRecordContents?) -> Bool {
    text.map { stat.start + ProcessStat.tick > $0.began } ?? true
  }
}
