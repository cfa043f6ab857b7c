package import Execution
import Journal
import Machine
package import PlanGraph
import VM
import Words

/// The source of step durations: a file, otherwise earlier runs on the VM.
///
/// It only reads, and takes no lock.
package struct DurationSource {
  package let durations: StepDurations
  /// The source for people, to follow "durations: ".
  package let origin: String
  /// What part of the history could not be read, for people; nil if all could.
  package let complaint: String?

  /// How many of the last runs are read, and how many bytes of their journals.
  private static let (mostRuns, mostBytes) = (20, 64 << 20)

  /// Collects the durations.
  ///
  /// - Parameters:
  ///   - file: a file of durations; nil for those of earlier runs.
  ///   - state: the given folder of records.
  ///   - graph: of the plan.
  ///   - vms: of the plan.
  /// - Throws: an error if the file cannot be read.
  package init(
    file: String?,
    state: String?,
    _ graph: Graph,
    _ vms: VMSelection
  ) throws(CommandFailure) {
    if let file {
      try self.init(file: file, graph)
    } else {
      self.init(history: RunRecords.place(state, vms), graph)
    }
  }

  private init(file path: String, _ graph: Graph) throws(CommandFailure) {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path)
    } catch {
      throw CommandFailure(message: "cannot read the durations in '\(path)': \(error.reason)")
    }
    do {
      durations = try StepDurations(text: bytes)
    } catch {
      throw CommandFailure(
        message: "\(path):\(error.line): \(error.words)",
        help: "a line is STEP DURATION, such as 'pre-start:db/0/postgres 40s'; '#' begins a comment"
      )
    }
    origin = "from \(path)"
    // Not an error: one file may serve several plans.
    let strange = durations.patterns.filter { graph.steps(named: $0).isEmpty }
    let more = strange.count > 1 ? ", and \(strange.count - 1) more lines name none" : ""
    complaint = strange.first.map { pattern in
      let near = graph.nearestStepName(to: pattern.text).map { "; did you mean '\($0)'?" } ?? ""
      return "in \(path) '\(pattern.text)' names no step of this plan\(more)\(near)"
    }
  }

  /// The durations of the last runs in a state folder; empty if there are none.
  init(history place: RunStore.Place?, _ graph: Graph) {
    var history = DurationHistory()
    var complaint: String?
    var bytesLeft = Self.mostBytes
    do throws(Problem) {
      if let place, let folder = try RunStore.existing(place) {
        for id in try folder.runIDs().prefix(Self.mostRuns) where bytesLeft > 0 {
          do throws(Problem) {
            let run = try folder.open(id)
            bytesLeft -= run.journalLength ?? 0
            if bytesLeft < 0 { break }
            let bytes = try run.readJournal().withUnsafeBytes { Array($0) }
            do throws(JournalContents.Unreadable) {
              try history.add(JournalContents(bytes))
            } catch {
              complaint = complaint ?? "the journal of run \(id) \(error.words)"
            }
          } catch {
            complaint = complaint ?? "\(error.path) \(error.what)"
          }
        }
      }
    } catch {
      complaint = "\(error.path) \(error.what)"
    }
    durations = history.durations()
    let runs = counted(history.runs, "earlier run")
    origin =
      history.runs == 0
      ? "no earlier run to measure"
      : durations.known(in: graph).allSatisfy { $0 == nil }
        ? "none of its steps in \(runs)" : "measured in \(runs)"
    self.complaint = complaint
  }

  /// For how many steps durations are known, as a sentence for people.
  package func words(_ graph: Graph) -> String {
    let known = durations.known(in: graph).count { $0 != nil }
    let total = graph.stepCount
    let rest = total - known
    let others =
      known == 0 ? "every step is" : counted(rest, "other") + (rest == 1 ? " is" : " are")
    return "durations: \(origin)"
      + (known == 0 ? "" : ", \(known) of \(counted(total, "step"))")
      + (rest == 0
        ? ""
        : "; \(others) assumed to take \(durations.standard.forPeople), plus the settle time for "
          + "a start")
  }
}
