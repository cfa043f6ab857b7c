import Execution
import Journal
import Machine
import PlanGraph
import VM
import Words

/// Where it is learnt how long steps take: a file of `--durations`, else earlier runs on the VM.
///
/// It only reads, and takes no lock.
struct DurationSource {
  let durations: StepDurations
  /// Where they are from, for people: what stands behind "durations".
  let origin: String
  /// What could not be read of the history, in words for people; nil where nothing is amiss.
  let complaint: String?

  static let option = OptionSpec(
    name: "--durations",
    value: "FILE",
    help:
      "how long steps take, instead of what earlier runs on the VM took: lines of STEP DURATION, "
      + "such as pre-start:db/* 40s; the last that fits a step counts"
  )

  /// How many of the last runs are looked at, and how many bytes of their journals.
  private static let (mostRuns, mostBytes) = (20, 64 << 20)

  /// Finds out what is known.
  ///
  /// - Throws: where the file of `--durations` cannot be read.
  init(
    _ arguments: ParsedArguments,
    _ graph: Graph,
    _ vms: VMSelection
  ) throws(UsageError) {
    if let path = arguments[Self.option.name] {
      try self.init(file: path, graph)
    } else {
      self.init(history: RunRecords.place(try RunOptions.state(arguments), vms), graph)
    }
  }

  private init(file path: String, _ graph: Graph) throws(UsageError) {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path)
    } catch {
      throw UsageError(message: "cannot read the durations in '\(path)': \(error.reason)")
    }
    do {
      durations = try StepDurations(text: bytes)
    } catch {
      throw UsageError(
        message: "\(path):\(error.line): \(error.words)",
        help: "a line is STEP DURATION, such as 'pre-start:db/0/postgres 40s'; '#' begins a comment"
      )
    }
    origin = "from \(path)"
    // No error: one file may serve several plans.
    let strange = durations.patterns.filter { graph.steps(named: $0).isEmpty }
    let more = strange.count > 1 ? ", and \(strange.count - 1) more lines name none" : ""
    complaint = strange.first.map { pattern in
      let near = graph.nearestStepName(to: pattern.text).map { "; did you mean '\($0)'?" } ?? ""
      return "in \(path) '\(pattern.text)' names no step of this plan\(more)\(near)"
    }
  }

  /// What the last runs in a state folder took; nothing where there is none.
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

  /// Of how many steps how much is known, in a sentence for people.
  func words(_ graph: Graph) -> String {
    let known = durations.known(in: graph).count { $0 != nil }
    let total = graph.stepCount
    let rest = total - known
    let others =
      known == 0 ? "every step is" : counted(rest, "other") + (rest == 1 ? " is" : " are")
    return "durations: \(origin)"
      + (known == 0 ? "" : ", \(known) of \(counted(total, "step"))")
      + (rest == 0
        ? ""
        : "; \(others) taken to take \(durations.standard.forPeople), a start its settle time on top")
  }
}
