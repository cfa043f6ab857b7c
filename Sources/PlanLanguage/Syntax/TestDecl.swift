/// `test "NAME" { … }`: what is expected of a run in which something is made up.
package struct TestDecl: Sendable {
  package var documentation: String?
  package var name: Name
  package var statements: [TestStatement]
  /// Of `test`.
  package var keywordSpan: Span
  /// From `test` to the closing brace.
  package var span: Span
}

/// One line of a test.
package struct TestStatement: Sendable {
  package enum Kind: Sendable {
    /// `release-jobs NAMES`: those of the one instance of a plan that declares no deployment job.
    case releaseJobs([Name])
    /// `with NAME = value`: a param, or a fact where there is a dot in the name.
    case setting(Name, LiteralValue)
    /// `when STEP FATE [on attempt …]`; without attempts it is about all.
    case step(Name, TestFate, attempts: [Whole])
    /// `when STEP skipped`: its condition, asked during the run, does not hold.
    case skipped(Name)
    /// `when cancelled at DURATION`: somebody stops the run by SIGTERM then.
    case cancelled(Duration)
    /// `expect RESULT STEPS`.
    case result(TestResult, [Name])
    /// `expect STEP before STEP`.
    case before(Name, Name)
    /// `expect attempts COUNT of STEP`.
    case attempts(Whole, Name)
    /// `expect exit STATUS`.
    case exit(Whole)
    /// `expect within DURATION`.
    case within(Duration)
  }

  /// A whole number, and where it stands.
  package struct Whole: Hashable, Sendable {
    package var number: Int
    package var span: Span
  }

  package var kind: Kind
  package var span: Span

  /// Whether a run could disappoint it.
  package var isExpectation: Bool {
    switch kind {
    case .releaseJobs, .setting, .step, .skipped, .cancelled: false
    case .result, .before, .attempts, .exit, .within: true
    }
  }
}

/// What becomes of a step's attempts in a test.
package enum TestFate: Hashable, Sendable {
  /// In the way that is usual for what the step does.
  case fails
  /// With this exit status.
  case exits(TestStatement.Whole)
  /// By SIGKILL.
  case dies
  case hangs
  case takes(Duration)
}

/// How a step is expected to have ended.
package enum TestResult: String, Sendable, CaseIterable {
  case succeeded, failed, blocked, skipped, cancelled
  /// At least one attempt began.
  case started
  /// No attempt began.
  case unstarted
}
