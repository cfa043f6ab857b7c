package import PlanLanguage

/// A compiled test of a plan: the plan on the test's own subjects, what is made up, and what is
/// expected.
package struct PlanTest: Sendable {
  /// What happens to a step's attempts.
  package enum Fate: Hashable, Sendable {
    case fails
    case exits(Int)
    /// SIGKILL ends them.
    case dies
    case hangs
    case takes(Duration)
  }

  /// What happens to some attempts of some steps.
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
      /// The expected result of each of the steps; at least one step.
      case result(Result, [NodeID])
      /// All of the first steps are over before any of the second begins.
      case before([NodeID], [NodeID])
      case attempts(Int, [NodeID])
      /// The exit status of the run.
      case exit(Int)
      /// The run takes at most this long.
      case within(Duration)
    }

    package var kind: Kind
    package var location: Location
  }

  package var name: String
  /// The location of its name.
  package var location: Location
  package var graph: Graph
  /// In order: if two are about the same attempt, the later one counts.
  package var madeUp: [MadeUp] = []
  /// Steps, and begins of blocks, whose conditions do not hold when the VM is asked.
  package var refused: Set<NodeID> = []
  /// When someone stops the run, counted from its beginning.
  package var cancellations: [Duration] = []
  package var expectations: [Expectation] = []
}

/// The result of compiling a test: the test, or why it cannot be compiled.
package struct PlanTestResult: Sendable {
  /// The name as written.
  package var name: String
  /// Nil if the diagnostics have an error.
  package var test: PlanTest?
  /// The diagnostics, without those of parsing the plan and without warnings.
  package var diagnostics: [Diagnostic]
  /// The files of the compilation.
  package var sources: [SourceFile]
}
