/// What `lockstep explain` tells of a word of the plan language.
package struct WordPage: Sendable {
  /// The word, as it stands in a plan.
  package var word: String
  /// What it is for, in a few words.
  package var title: String
  /// Paragraphs, already broken into lines.
  package var story: String
  /// A plan with it.
  package var example: String
  /// Codes of mistakes that are made with it.
  package var codes: [DiagnosticCode]

  init(
    _ word: String,
    _ title: String,
    _ story: String,
    _ example: String,
    codes: [DiagnosticCode] = []
  ) {
    self.word = word
    self.title = title
    self.story = story
    self.example = example
    self.codes = codes
  }

  /// The page as text for a terminal, ended by a newline.
  package func render() -> String {
    var result = "\(word): \(title)\n\n\(story)\n\n"
    for line in example.split(separator: "\n", omittingEmptySubsequences: false) {
      result += line.isEmpty ? "\n" : "    \(line)\n"
    }
    if !codes.isEmpty {
      result += "\nSee also: \(codes.map(\.rawValue).joined(separator: ", "))\n"
    }
    return result
  }
}

extension Explain {
  /// The pages of all words that have one: clauses, then statements, then items.
  package static let wordPages = clauseWordPages + statementWordPages + itemWordPages

  /// The page of a word; nil where there is none.
  package static func page(forWord word: String) -> WordPage? {
    wordPages.first { $0.word == word }
  }

  /// The name of a page, a word's or a code's, that was probably meant; nil where none is near enough.
  package static func nearestPage(to text: String) -> String? {
    nearMiss(text, among: wordPages.map(\.word))
      ?? nearMiss(text.uppercased(), among: DiagnosticCode.allCases.map(\.rawValue))
  }

  private static let clauseWordPages = [
    WordPage(
      "retry",
      "further attempts after a failure",
      """
      'retry N' allows up to N attempts more. 'backoff D' is a pause before each;
      'backoff D..E' a random one that grows up to E. 'only' restricts it to some
      failures: exit N, signal, timeout. 'retry 0' undoes what a 'default' says. A
      'run' has to be 'idempotent' for it; on a phase or group all of it is done
      again.
      """,
      """
      plan shop {
        phase warm {
          script pre-start { retry 3 backoff 1s..30s only exit 75 timeout 5m }
        }
      }
      """,
      codes: [.retryNeedsIdempotent, .retryNeverHappens]
    ),
    WordPage(
      "timeout",
      "how long one attempt may take",
      """
      When the time of a step is over, its process is sent SIGTERM, and SIGKILL
      when 'grace' is over too. On a phase, group or plan it is the time of all
      inside but the handlers, which have their own. A 'wait' has to have one.
      """,
      """
      plan shop {
        timeout 1h
        phase warm { script pre-start { timeout 5m grace 30s } }
      }
      """,
      codes: [.noTimeBound, .waitNeedsTimeout, .timeoutTooShort, .timeoutNeverEnds]
    ),
    WordPage(
      "grace",
      "the time between SIGTERM and SIGKILL",
      """
      A step whose time is over, or whose run is stopped, is asked to end and has
      this long to do so; 10s if nothing is said.
      """,
      """
      plan shop {
        phase dump per instance { run "dump" { timeout 1h grace 2m } }
      }
      """
    ),
    WordPage(
      "settle",
      "how long started processes have to keep running",
      """
      A 'start' has succeeded when its processes have run for so long without a
      restart; 0s, which is one look, if nothing is said.
      """,
      """
      plan shop {
        phase up { start { settle 10s timeout 2m } }
      }
      """
    ),
    WordPage(
      "every",
      "the pause between two looks of a 'wait'",
      """
      It is 1s if nothing is said.
      """,
      """
      plan shop {
        phase ready per instance {
          wait tcp "127.0.0.1:80" { every 5s timeout 2m }
        }
      }
      """
    ),
    WordPage(
      "env",
      "a variable for processes",
      """
      'env NAME = "…"' adds a variable to the environment of every process inside;
      an inner one of the same name wins. Values of params that a shell would take
      apart belong here, and so do secrets. Names that begin with LOCKSTEP_ are
      taken.
      """,
      """
      plan shop {
        param name
        phase note per instance {
          env NAME = "\\(name)"
          run "echo \\"$NAME\\"" { timeout 1m }
        }
      }
      """,
      codes: [.unsafeInCommand, .secretOutsideEnv, .reservedVariable]
    ),
    WordPage(
      "when",
      "a condition",
      """
      It gates a phase, a group or a step. Facts (with a dot) and params are
      compared with == != < <= > >=, and joined by and, or, not. 'known FACT' asks
      whether a fact is known, 'exists "PATH"' asks the VM when the step could
      begin. What is skipped has passed.
      """,
      """
      plan shop {
        phase save per instance {
          when instance.index == 0 and exists "data/ledger"
          run "save" { timeout 1m }
        }
      }
      """,
      codes: [.unknownFact, .factOfNarrowerScope]
    ),
    WordPage(
      "optional",
      "a failure that does not hold up what comes after",
      """
      The failure is reported, and passes all the same. Being stopped is no such
      failure.
      """,
      """
      plan shop {
        phase note per instance { run "tell" { optional timeout 1m } }
      }
      """
    ),
    WordPage(
      "idempotent",
      "a 'run' that may be started again",
      """
      Nobody can know whether a command may safely run twice, so one that does not
      say so is never started a second time: by no retry, and by no resume.
      Scripts, waits, start and stop are idempotent by themselves.
      """,
      """
      plan shop {
        phase copy per instance { run "rsync" { idempotent retry 2 timeout 5m } }
      }
      """,
      codes: [.retryNeedsIdempotent]
    ),
    WordPage(
      "limit",
      "how many at a time",
      """
      On a plan it counts steps; on a phase its subjects, on all VMs together; on
      'parallel' its children. A percentage rounds down, to at least 1.
      """,
      """
      plan shop {
        phase warm { limit 25% script pre-start { timeout 5m } }
      }
      """
    ),
    WordPage(
      "default",
      "settings for the steps inside",
      """
      It gives retry, timeout, grace, settle and every to each step inside that
      can take them. What a step says itself wins, then the innermost 'default'.
      Blocks get nothing by it.
      """,
      """
      plan shop {
        default { retry 2 timeout 5m }
        phase warm { script pre-start }
      }
      """
    ),
  ]
}
