package import Execution
package import PlanGraph

/// What the far end sends to the near end.
package enum FarMessage: Hashable, Sendable {
  /// Answers `hello`.
  case welcome(VMReport)
  /// Answers any request that cannot be met, such as a VM that is in use; nothing was started.
  case refused([WireProblem])
  /// The lock is another run's, and is waited for.
  case waiting(String)
  /// Answers `lock`.
  case locked
  /// Answers the last `plan`.
  case planned
  /// Answers `check`: what would certainly fail, and a digest of each script by its step.
  case checked([WireProblem], scripts: [NodeID: UInt64])
  /// Answers `look`.
  case leftovers(WireLeftovers)
  /// Answers `settle`.
  case settled
  /// Answers `begin`.
  case begun(Begun)
  /// As `Event.started`.
  case started(NodeID, attempt: Int, process: Int32?)
  /// As `Event.ended`; how long the attempt took on the far end's clock, nil if that is not known.
  case ended(NodeID, attempt: Int, AttemptResult, took: Duration?)
  /// As `Event.answered`.
  case answered(NodeID, Bool)
  /// As `MachineReport.remark`.
  case remark(Remark)
  /// Answers `tail`.
  case tail(NodeID, WireTail)
  /// Answers `finish`.
  case finished
  /// Answers `ping`.
  case pong
  /// The far end cannot go on, and says why.
  case failed(String)

  /// How a run begins at the far end.
  package struct Begun: Hashable, Sendable {
    /// The boot of the machine.
    package var boot: String
    /// Attempts that it knows of and that have not ended: they go on, and their ends are reported.
    package var underWay: [NodeID: Int]

    /// Makes an answer.
    package init(boot: String, underWay: [NodeID: Int]) {
      (self.boot, self.underWay) = (boot, underWay)
    }
  }
}

/// A problem on the far end's machine.
package struct WireProblem: Error, Hashable, Sendable {
  package var path: String
  package var what: String
  package var help: String?
  package var isWarning: Bool

  /// Makes a problem.
  package init(path: String, what: String, help: String?, isWarning: Bool) {
    (self.path, self.what, self.help, self.isWarning) = (path, what, help, isWarning)
  }
}

/// What earlier runs have left on a VM.
package struct WireLeftovers: Hashable, Sendable {
  /// A process of a step that still runs.
  package struct Process: Hashable, Sendable {
    package var process: Int32
    /// For people; nil if unknown.
    package var since: String?
    package var step: String
    /// The run's name; nil if it is not known.
    package var run: String?

    /// Describes a process.
    package init(process: Int32, since: String?, step: String, run: String?) {
      (self.process, self.since, self.step, self.run) = (process, since, step, run)
    }
  }

  /// A run that has begun and is not over.
  package struct Run: Hashable, Sendable {
    package var id: String
    /// For people: its plan, and who coordinates it.
    package var words: String
    /// The command that resumes it, for people; nil if that is not known.
    package var resume: String?
    /// Steps that must not run twice and of which nobody knows how they ended.
    package var doubtful: [String]

    /// Describes a run.
    package init(id: String, words: String, resume: String?, doubtful: [String]) {
      (self.id, self.words, self.resume, self.doubtful) = (id, words, resume, doubtful)
    }
  }

  package var runs: [Run] = []
  package var living: [Process] = []

  /// Nothing is left.
  package init() {}
}

/// The end of a step's logs.
package struct WireTail: Hashable, Sendable {
  /// The beginning of the logs' paths, absolute; nil if the step has none.
  package var path: String?
  /// Whether it is known where the last attempt began to write.
  package var isKnown = true
  /// What the step says itself of its failure.
  package var missing: String?
  /// Whether the file system of the logs is full.
  package var isDiskFull = false
  package var stdout: [UInt8] = []
  package var stderr: [UInt8] = []

  /// No logs.
  package init() {}
}
