package import PlanLanguage

/// A test of a plan, compiled: the plan on the test's own subjects, what is made up, what is expected.
package struct PlanTest: Sendable {
  /// What becomes of a step's attempts.
  package enum Fate: Hashable, Sendable {
    case fails
    case exits(Int)
    /// By SIGKILL.
    case dies
    case hangs
    case takes(Duration)
  }

  /// What becomes of some attempts of some steps.
  package struct MadeUp: Sendable {
    package var nodes: [NodeID]
    package var fate: Fate
    /// Counted from 1; empty for all.
    package var attempts: Set<Int>
  }

  /// How a step is expected to have ended.
  package enum Result: String, Sendable {
    case succeeded, failed, blocked, skipped, cancelled, started, unstarted
  }

  /// Something that is expected.
  package struct Expectation: Sendable {
    package enum Kind: Sendable {
      /// Of each of the steps, at least one.
      case result(Result, [NodeID])
      /// That each of the first is over before any of the second begins.
      case before([NodeID], [NodeID])
      case attempts(Int, [NodeID])
      /// The exit status of the run.
      case exit(Int)
      /// That the run takes no longer.
      case within(Duration)
    }

    package var kind: Kind
    package var location: Location
  }

  package var name: String
  /// Of its name.
  package var location: Location
  package var graph: Graph
  /// In their order: of two about one attempt the later one counts.
  package var madeUp: [MadeUp] = []
  /// Steps, and beginnings of blocks, whose conditions do not hold when the VM is asked.
  package var refused: Set<NodeID> = []
  /// When somebody stops the run, counted from its beginning.
  package var cancellations: [Duration] = []
  package var expectations: [Expectation] = []
}

/// A test that was looked at: compiled, or why it cannot be.
package struct PlanTestResult: Sendable {
  /// As it is written.
  package var name: String
  /// nil where there is an error among the diagnostics.
  package var test: PlanTest?
  /// Without those of the plan's own text, and without warnings.
  package var diagnostics: [Diagnostic]
  /// The files of the compilation.
  package var sources: [SourceFile]
}
