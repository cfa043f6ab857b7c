/// A word that is a keyword somewhere in the grammar; everywhere else, it is an ordinary name.
package enum Word: String, Sendable, CaseIterable {
  case plan
  case param, secret, include, phase, barrier, rollout
  case deploymentJob = "deployment-job"
  case releaseJobs = "release-jobs"
  case instances, after, canaries
  case maxInFlight = "max-in-flight"
  case per, `in`, `for`, across
  case sideBySide = "side-by-side"
  case instance, deployment
  case on, failure, finally
  case parallel, sequence, `as`
  case script, run, wait, start, stop, unmonitor, drain
  case tcp, file, command, unit
  case defaults = "default"
  case env, limit, when, idempotent, optional
  case retry, backoff, only, timeout, grace, settle, every, strict
  case exit, signal
  case and, or, not, exists, known
  case test, with, expect
  case fails, exits, dies, hangs, takes
  case attempt, attempts, at, of, before, within
  case succeeded, failed, blocked, skipped, cancelled, started, unstarted

  /// What a word can begin.
  enum Role: UInt8, Sendable {
    case ordinary, item, pace, jobClause, clause, statement, handler, test, trial
  }

  /// What it can begin; `phase`, `barrier` and `include` are also allowed in a rollout.
  var role: Role {
    switch self {
    case .param, .deploymentJob, .include, .phase, .barrier, .rollout: .item
    case .canaries, .maxInFlight: .pace
    case .releaseJobs, .instances, .after: .jobClause
    case .defaults, .env, .limit, .when, .idempotent, .optional, .retry, .timeout, .grace, .settle,
      .every, .strict:
      .clause
    case .script, .run, .wait, .start, .stop, .unmonitor, .drain, .parallel, .sequence: .statement
    case .on, .finally: .handler
    case .test: .test
    case .with, .expect: .trial
    default: .ordinary
    }
  }

  /// Whether it begins a clause that is allowed in `default { … }`.
  var isTuning: Bool {
    switch self {
    case .retry, .timeout, .grace, .settle, .every, .strict: true
    default: false
    }
  }

  /// The word with exactly these bytes; nil for an ordinary name.
  ///
  /// The words are written out by length, so a name costs a few byte comparisons and no string.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    @inline(__always)
    func matches(_ text: StaticString) -> Bool {
      let pointer = text.utf8Start
      for index in 0..<bytes.count where bytes[index] != pointer[index] { return false }
      return true
    }
    switch bytes.count {
    case 2:
      if matches("as") {
        self = .as
      } else if matches("in") {
        self = .in
      } else if matches("on") {
        self = .on
      } else if matches("or") {
        self = .or
      } else if matches("at") {
        self = .at
      } else if matches("of") {
        self = .of
      } else {
        return nil
      }
    case 3:
      if matches("run") {
        self = .run
      } else if matches("env") {
        self = .env
      } else if matches("per") {
        self = .per
      } else if matches("for") {
        self = .for
      } else if matches("tcp") {
        self = .tcp
      } else if matches("and") {
        self = .and
      } else if matches("not") {
        self = .not
      } else {
        return nil
      }
    case 4:
      if matches("wait") {
        self = .wait
      } else if matches("stop") {
        self = .stop
      } else if matches("when") {
        self = .when
      } else if matches("only") {
        self = .only
      } else if matches("exit") {
        self = .exit
      } else if matches("file") {
        self = .file
      } else if matches("plan") {
        self = .plan
      } else if matches("test") {
        self = .test
      } else if matches("with") {
        self = .with
      } else if matches("dies") {
        self = .dies
      } else if matches("unit") {
        self = .unit
      } else {
        return nil
      }
    case 5:
      if matches("phase") {
        self = .phase
      } else if matches("known") {
        self = .known
      } else if matches("start") {
        self = .start
      } else if matches("retry") {
        self = .retry
      } else if matches("grace") {
        self = .grace
      } else if matches("every") {
        self = .every
      } else if matches("limit") {
        self = .limit
      } else if matches("drain") {
        self = .drain
      } else if matches("param") {
        self = .param
      } else if matches("after") {
        self = .after
      } else if matches("fails") {
        self = .fails
      } else if matches("exits") {
        self = .exits
      } else if matches("hangs") {
        self = .hangs
      } else if matches("takes") {
        self = .takes
      } else {
        return nil
      }
    case 6:
      if matches("script") {
        self = .script
      } else if matches("settle") {
        self = .settle
      } else if matches("strict") {
        self = .strict
      } else if matches("signal") {
        self = .signal
      } else if matches("exists") {
        self = .exists
      } else if matches("secret") {
        self = .secret
      } else if matches("across") {
        self = .across
      } else if matches("expect") {
        self = .expect
      } else if matches("before") {
        self = .before
      } else if matches("within") {
        self = .within
      } else if matches("failed") {
        self = .failed
      } else {
        return nil
      }
    case 7:
      if matches("timeout") {
        self = .timeout
      } else if matches("default") {
        self = .defaults
      } else if matches("backoff") {
        self = .backoff
      } else if matches("barrier") {
        self = .barrier
      } else if matches("include") {
        self = .include
      } else if matches("finally") {
        self = .finally
      } else if matches("rollout") {
        self = .rollout
      } else if matches("command") {
        self = .command
      } else if matches("failure") {
        self = .failure
      } else if matches("attempt") {
        self = .attempt
      } else if matches("blocked") {
        self = .blocked
      } else if matches("skipped") {
        self = .skipped
      } else if matches("started") {
        self = .started
      } else {
        return nil
      }
    case 8:
      if matches("parallel") {
        self = .parallel
      } else if matches("sequence") {
        self = .sequence
      } else if matches("optional") {
        self = .optional
      } else if matches("instance") {
        self = .instance
      } else if matches("canaries") {
        self = .canaries
      } else if matches("attempts") {
        self = .attempts
      } else {
        return nil
      }
    case 9:
      if matches("unmonitor") {
        self = .unmonitor
      } else if matches("instances") {
        self = .instances
      } else if matches("succeeded") {
        self = .succeeded
      } else if matches("cancelled") {
        self = .cancelled
      } else if matches("unstarted") {
        self = .unstarted
      } else {
        return nil
      }
    case 10:
      if matches("idempotent") {
        self = .idempotent
      } else if matches("deployment") {
        self = .deployment
      } else {
        return nil
      }
    case 12:
      if matches("release-jobs") {
        self = .releaseJobs
      } else if matches("side-by-side") {
        self = .sideBySide
      } else {
        return nil
      }
    case 13:
      if matches("max-in-flight") { self = .maxInFlight } else { return nil }
    case 14:
      if matches("deployment-job") { self = .deploymentJob } else { return nil }
    default: return nil
    }
  }
}
