/// What `lockstep explain` prints about a word of the plan language.
package struct WordPage: Sendable {
  /// The word, as it is written in a plan.
  package var word: String
  /// What it is for, in a few words.
  package var title: String
  /// Paragraphs, already broken into lines.
  package var story: String
  /// A plan that uses the word.
  package var example: String
  /// The codes of mistakes that people make with it.
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

  /// The page as text for a terminal, with a newline at its end.
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
  /// The pages about all words that have one: clauses, then statements, then items.
  package static let wordPages = clauseWordPages + statementWordPages + itemWordPages

  /// The page about a word; nil if there is none.
  package static func page(forWord word: String) -> WordPage? {
    wordPages.first { $0.word == word }
  }

  /// The word or code that was probably meant; nil if no page has a similar name.
  ///
  /// For a word of another tool, it is the word of a plan that means the same.
  package static func nearestPage(to text: String) -> String? {
    nearMiss(text, among: wordPages.map(\.word))
      ?? ForeignWord.counterpart(of: text)
      ?? nearMiss(text.uppercased(), among: DiagnosticCode.allCases.map(\.rawValue))
  }

  private static let clauseWordPages = [
    WordPage(
      "retry",
      "more attempts after a failure",
      """
      'retry N' allows up to N more attempts. 'backoff D' pauses before each of them.
      'backoff D..E' pauses for a random time that grows up to E. 'only' restricts the
      retry to some failures: exit N, signal, timeout. 'retry 0' undoes a 'default'. A
      'run' can be retried only if it is 'idempotent'. On a phase or group, all of it
      runs again.
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
      When the time of a step is over, Lockstep sends its process SIGTERM, and SIGKILL
      when 'grace' is over, too. On a phase, group or plan, it covers everything
      inside except the handlers, which have timeouts of their own. A 'wait' must have
      a timeout.
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
      When the time of a step is over, or the run is stopped, Lockstep asks the step
      to end. The step then has this long to do so. The default is 10s.
      """,
      """
      plan shop {
        phase dump per instance { run "dump" { timeout 1h grace 2m } }
      }
      """
    ),
    WordPage(
      "settle",
      "how long started processes must keep running",
      """
      A 'start' has succeeded when its processes have run for this time without a
      restart. The default is 0s, which means a single check.
      """,
      """
      plan shop {
        phase up { start { settle 10s timeout 2m } }
      }
      """
    ),
    WordPage(
      "every",
      "the pause between two checks of a 'wait'",
      """
      The default is 1s.
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
      'env NAME = "…"' adds a variable to the environment of every process inside. An
      inner variable of the same name wins. Use it for secrets, and for values of
      params that a shell could act on. Names that begin with LOCKSTEP_ are reserved.
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
      The phase, group or step runs only if the condition holds. Compare facts (names
      with a dot) and params with == != < <= > >=, and combine comparisons with and,
      or, not. 'known FACT' asks whether a fact is known. 'exists "PATH"' asks the VM
      when the step could begin. What is skipped has passed.
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
      "a failure that does not block what comes after",
      """
      The failure is reported, but the step or block still counts as passed. This does
      not apply if someone stops the run.
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
      Lockstep cannot know whether a command may safely run twice. So it never starts
      a 'run' a second time that is not 'idempotent', neither for a retry nor for a
      resume. All other steps are idempotent by themselves.
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
      On a plan, 'limit' counts steps. On a phase, it counts subjects, on all VMs
      together. On 'parallel', it counts children. A percentage rounds down, but to at
      least 1.
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
      'default' gives retry, timeout, grace, settle, every and strict to each step
      inside that can take them. A setting on the step itself wins, then the innermost
      'default'. It does not apply to blocks.
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
