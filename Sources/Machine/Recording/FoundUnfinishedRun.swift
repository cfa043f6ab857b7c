package import Journal
import System
import VM
import Words

extension UnfinishedRuns {
  /// An unfinished run.
  package struct Found: Sendable {
    /// Where it is recorded.
    package enum Record: Sendable {
      /// In a folder of runs, with a journal; nil if that cannot be read.
      case journal(RunFolder, JournalContents?)
      /// It is coordinated from another machine, which has the journal; here are only the attempts
      /// on this VM, nil if their record cannot be read.
      case far(FarRunFolder, FarHistory?)
    }

    package let record: Record
    /// Why its record cannot be read, for people.
    package let damage: String?
    package let left: RunLeftovers
    /// The command that resumes it; empty if it cannot be resumed from here.
    package let resumeWords: [String]

    /// Whether nothing may start until a person decides about it.
    package var isInTheWay: Bool { !left.living.isEmpty || !left.doubtful.isEmpty }

    package var runID: RunID {
      switch record {
      case .journal(let folder, _): folder.id
      case .far(let folder, _): folder.id
      }
    }
    package var id: String { runID.text }
    /// The folder of its record, for people.
    package var path: String {
      switch record {
      case .journal(let folder, _): folder.path
      case .far(let folder, _): folder.path
      }
    }
    /// What its journal says; nil if there is none here, or it cannot be read.
    package var contents: JournalContents? {
      if case .journal(_, let contents) = record { contents } else { nil }
    }
    /// Its folder with a journal; nil if there is none here.
    package var folder: RunFolder? {
      if case .journal(let folder, _) = record { folder } else { nil }
    }
    /// Whether it is coordinated from another machine.
    package var isFar: Bool { if case .far = record { true } else { false } }
    /// Who coordinates it, for people; nil if that is this machine, or not known.
    package var coordinator: String? {
      guard case .far(_, let history?) = record, !history.coordinator.isEmpty else { return nil }
      return history.coordinator
    }
    /// The name of its plan; nil if that is not known.
    package var plan: String? {
      switch record {
      case .journal(_, let contents): return contents.map { $0.header.planName }
      case .far(_, let history):
        guard let history, !history.plan.isEmpty else { return nil }
        return history.plan
      }
    }
    /// For people, with its plan.
    package var words: String {
      "run \(id)" + (plan.map { " of the plan \($0)" } ?? "")
        + (isFar ? ", coordinated from \(coordinator ?? "another machine")," : "")
    }
    /// The command that resumes it, in one line; nil if it cannot be resumed from here.
    package var resumeCommand: String? { resumeWords.isEmpty ? nil : shellWords(resumeWords) }
    /// The same, split into lines that fit if possible.
    package var resumeLines: [String] {
      if resumeWords.isEmpty { return [] }
      var lines = ["lockstep resume"]
      var rest = resumeWords.dropFirst(2)
      while let word = rest.popFirst() {
        // An option and its value stay on one line.
        let words = word.hasPrefix("--") ? [word] + [rest.popFirst()].compactMap { $0 } : [word]
        let more = shellWords(words)
        let whole = "\(lines[lines.count - 1]) \(more)"
        if columns(whole) <= 74 {
          lines[lines.count - 1] = whole
        } else {
          lines[lines.count - 1] += " \\"
          lines.append("  \(more)")
        }
      }
      return lines
    }
    /// The processes that drove it in this boot.
    package var coordinators: Set<Int32> {
      switch record {
      case .journal(_, let contents):
        Set((contents?.sessions ?? []).filter { isThisBoot($0.boot) }.map(\.process))
      case .far(_, let history):
        Set((history?.sessions ?? []).filter { isThisBoot($0.boot) }.map(\.process))
      }
    }

    /// Records that it was abandoned for another run.
    package func noteGivenUp(for other: RunID) {
      switch record {
      case .journal(let folder, _): folder.noteGivenUp(for: other)
      case .far(let folder, _): folder.noteGivenUp(for: other)
      }
    }
  }
}
