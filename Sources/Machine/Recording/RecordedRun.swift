package import Clock
package import Execution
package import Journal
import PlanGraph
package import System

/// A run whose events are recorded before anything is done about them.
///
/// Each event becomes a record in the journal when it happens. `GatedRun` holds back what must wait
/// until records are on disk, and gives it out as `released`.
package final class RecordedRun: DrivenRun {
  private var gated: GatedRun
  private let graph: Graph
  private let journal: JournalFile
  private var framer: JournalFramer
  /// The end offsets of event records that are not known to be on disk.
  private var ends: [(end: Int, events: UInt32)] = []
  private var firstEnd = 0
  private var isHalted = false

  /// The run in its current state.
  package var run: Run { gated.run }
  /// The state of the journal.
  package var state: JournalFile.State { journal.state }
  var file: JournalFile { journal }

  /// Takes on a run.
  ///
  /// - Parameters:
  ///   - run: one whose events so far are all in the journal, and on disk.
  ///   - journal: to append to.
  ///   - framer: to continue; a new one for an empty journal.
  package init(_ run: Run, journal: JournalFile, framer: JournalFramer = JournalFramer()) {
    gated = GatedRun(run)
    graph = run.graph
    self.journal = journal
    self.framer = framer
  }

  /// Records the beginning of a run, and waits until it is on disk.
  ///
  /// - Parameters:
  ///   - header: of a run that has not begun; nil for one that is resumed.
  ///   - session: which begins now.
  /// - Throws: why it is not on disk.
  package func record(_ header: RunHeader?, _ session: RunSession) throws(SystemError) {
    journal.append { buffer in
      if let header {
        for line in header.lines { framer.append(line.utf8, to: &buffer) }
        header.steps.forEachLine { line in
          framer.append(to: &buffer) { $0.append(contentsOf: line) }
        }
      }
      framer.append(session.line.utf8, to: &buffer)
    }
    try journal.sync()
  }

  /// Records an event and passes it to the run.
  ///
  /// Returns what may be done at once.
  package func handle(_ event: Event, at moment: Instant) -> [Action] {
    var actions: [Action] = []
    handle(event, at: moment, &actions)
    return actions
  }

  private func handle(_ event: Event, at moment: Instant, _ actions: inout [Action]) {
    var isInsistence = false
    if case .cancelled = event { isInsistence = gated.run.signals > 0 }
    // KILL must not wait for a disk that may be stuck. Nothing is lost if the record comes later: a
    // resume finds what was killed as it finds what a crash left.
    write(event, at: moment, flushes: !isInsistence)
    actions += gated.handle(event, at: moment)
    haltIfNeeded(at: moment, &actions)
    for follower in gated.takeDropped() { handle(follower, at: moment, &actions) }
  }

  private func write(_ event: Event, at moment: Instant, flushes: Bool) {
    if case .failed = journal.state { return }
    journal.append { buffer in
      framer.append(to: &buffer) { EventRecord.append(event, at: moment, graph, to: &$0) }
    }
    ends.append((journal.end, gated.run.eventCount + 1))
    if flushes { journal.flush() }
  }

  /// Lets nothing new start once it could not be recorded.
  private func haltIfNeeded(at moment: Instant, _ actions: inout [Action]) {
    switch journal.state {
    case .good: return
    case .low: break
    case .failed: actions += gated.diskFailed()
    }
    if isHalted || gated.run.outcome != nil { return }
    isHalted = true
    handle(.halted, at: moment, &actions)
  }

  /// What may be done now because records have reached the disk, or never will.
  package func released(at moment: Instant) -> [Action] {
    journal.flush()
    var count: UInt32?
    while firstEnd < ends.count, ends[firstEnd].end <= journal.synced {
      count = ends[firstEnd].events
      firstEnd += 1
    }
    if firstEnd > 1024, firstEnd * 2 > ends.count {
      ends.removeFirst(firstEnd)
      firstEnd = 0
    }
    var actions = count.map { gated.reachedDisk($0) } ?? []
    haltIfNeeded(at: moment, &actions)
    for follower in gated.takeDropped() { handle(follower, at: moment, &actions) }
    return actions
  }

  /// Takes what a step remarks; it is not written down.
  package func announce(_ remark: Remark, at moment: Instant) {
    gated.announce(remark, at: moment)
  }

  /// What may be announced now.
  package func nextAnnouncement() -> DueAnnouncement? { gated.nextAnnouncement() }

  /// Has what is waited for brought to the disk; to be called before each wait.
  package func willWait() {
    switch gated.need {
    case .none: break
    case .soon: journal.requestSync(isUrgent: false)
    case .now: journal.requestSync(isUrgent: true)
    }
  }

  /// Ends the recording.
  ///
  /// Everything that has not been announced is due now.
  ///
  /// - Throws: why something is not on disk.
  package func close() throws(SystemError) {
    do {
      try journal.close()
      _ = gated.reachedDisk(gated.run.eventCount)
    } catch {
      _ = gated.diskFailed()
      throw error
    }
  }
}
