/// `test "NAME" { … }`: what happens in a rehearsed run, and what must come of it.
package struct TestDecl: Sendable {
  package var documentation: String?
  package var name: Name
  package var statements: [TestStatement]
  /// The place of `test`.
  package var keywordSpan: Span
  /// The place, from `test` to the closing brace.
  package var span: Span
}

/// One line of a test.
package struct TestStatement: Sendable {
  package enum Kind: Sendable {
    /// `release-jobs NAMES`: the release jobs of instances for which the plan declares none.
    case releaseJobs([Name])
    /// `with NAME = value`: a param, or a fact if the name contains a dot.
    case setting(Name, LiteralValue)
    /// `when STEP FATE [on attempt …]`; without attempts, it applies to all of them.
    case step(Name, TestFate, attempts: [Whole])
    /// `when STEP skipped`: its condition does not hold when the run asks the VM.
    case skipped(Name)
    /// `when cancelled at DURATION`: someone stops the run with SIGTERM at this time.
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

  /// A whole number with its place.
  package struct Whole: Hashable, Sendable {
    package var number: Int
    package var span: Span
  }

  package var kind: Kind
  package var span: Span

  /// Whether a run can fail it.
  package var isExpectation: Bool {
    switch kind {
    case .releaseJobs, .setting, .step, .skipped, .cancelled: false
    case .result, .before, .attempts, .exit, .within: true
    }
  }
}

/// What happens to a step's attempts in a test.
package enum TestFate: Hashable, Sendable {
  /// They fail in the usual way for this kind of step.
  case fails
  /// They end with this exit status.
  case exits(TestStatement.Whole)
  /// They are ended by SIGKILL.
  case dies
  case hangs
  case takes(Duration)
}

/// The result that a test expects of a step.
package enum TestResult: String, Sendable, CaseIterable {
  case succeeded, failed, blocked, skipped, cancelled
  /// At least one attempt began.
  case started
  /// No attempt began.
  case unstarted
}
