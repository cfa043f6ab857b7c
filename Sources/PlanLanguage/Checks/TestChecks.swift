// The tests of a plan.
extension TreeChecker {
  mutating func check(_ tests: [TestDecl], of plan: PlanDecl) {
    var seen: [String: Span] = [:]
    var jobs: [DeploymentJobDecl] = []
    for case .deploymentJob(let job) in plan.items { jobs.append(job) }
    let declaresJobs =
      !jobs.isEmpty
      && jobs.allSatisfy { job in
        job.clauses.contains { if case .releaseJobs = $0 { true } else { false } }
      }
    for test in tests {
      if !test.name.isMissing {
        if let first = seen[test.name.text] {
          report(
            .duplicateTest,
            at: test.name.span,
            "a second test \"\(test.name.text)\"",
            notes: [note("the first one is here", at: first)]
          )
        } else {
          seen[test.name.text] = test.name.span
        }
      }
      check(test, declaresJobs: declaresJobs)
    }
  }

  private mutating func check(_ test: TestDecl, declaresJobs: Bool) {
    if !test.statements.contains(where: \.isExpectation), !hasMistake(in: test.span) {
      report(
        .testExpectsNothing,
        at: test.keywordSpan,
        "this test has no 'expect', so it could never fail"
      )
    }
    var settings: [String: Span] = [:]
    for statement in test.statements {
      switch statement.kind {
      case .releaseJobs:
        if declaresJobs {
          report(
            .misplacedClause,
            at: statement.span,
            "'release-jobs' is not allowed here: the plan declares its deployment jobs with their"
              + " release jobs, and its tests use those"
          )
        }
        notTwice("'release-jobs'", statement.span, &settings)
      case .setting(let name, _): notTwice("'with \(name.text)'", statement.span, &settings)
      case .exit(let status), .step(_, .exits(let status), _): checkStatus(status)
      default: break
      }
      guard case .step(_, _, let attempts) = statement.kind else { continue }
      for attempt in attempts where attempt.number == 0 {
        report(.valueOutOfRange, at: attempt.span, "attempts are counted from 1")
      }
    }
  }

  private mutating func notTwice(_ what: String, _ span: Span, _ seen: inout [String: Span]) {
    if let first = seen[what] {
      twice(what, at: span, first: first, "the test")
    } else {
      seen[what] = span
    }
  }

  private mutating func checkStatus(_ status: TestStatement.Whole) {
    if status.number > 255 {
      report(
        .valueOutOfRange,
        at: status.span,
        "an exit status is from 0 to 255, not \(status.number)"
      )
    }
  }
}
