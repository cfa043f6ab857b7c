extension Explain {
  /// The pages about text and grammar.
  static func textPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .invalidUTF8:
      ExplainPage(
        code,
        "the file is not UTF-8 text",
        """
        A plan is a UTF-8 text file. This file contains bytes that UTF-8 never has.
        Either it was saved in another encoding (Latin-1, Windows-1252, UTF-16), or it
        is not text at all, such as an archive or a program.

        Open it in an editor and save it as UTF-8, or convert it:

            iconv -f LATIN1 -t UTF-8 old.plan > new.plan
        """,
        wrong: nil,
        right: """
          # Café: saved as UTF-8.
          plan hello {
            phase greet { script pre-start }
          }
          """
      )
    case .unexpectedCharacter:
      ExplainPage(
        code,
        "an unexpected character",
        """
        Outside strings and comments, a plan consists of names, numbers, strings,
        \\(name) for params, and these signs: { } [ ] ( ) , .. == != < <= > >= and =.
        Clauses and statements need no ; or : between them. Strings go between ". A
        comment begins with #.

        If a character only looks like another one, the message shows its number: a
        no-break space (U+00A0) or typographic quotes come from word processors and web
        pages. Letters that are not ASCII are allowed only in strings. This also holds
        for names.
        """,
        wrong: """
          plan hello {
            phase greet { run 'echo hello'; }
          }
          """,
        right: """
          plan hello {
            phase greet { run "echo hello" }
          }
          """
      )
    case .unterminatedString:
      ExplainPage(
        code,
        "a string that is not closed",
        """
        A string between " ends on the line on which it begins. Text of several lines
        goes between \"\"\" and \"\"\". Write a " inside a string on one line as \\".
        """,
        wrong: """
          plan hello {
            phase greet {
              run "echo hello
            }
          }
          """,
        right: """
          plan hello {
            phase greet {
              run "echo hello"
            }
          }
          """
      )
    case .unknownEscape:
      ExplainPage(
        code,
        "an unknown escape",
        """
        In a string, a backslash begins one of these, and nothing else:

            \\n   line end          \\"   a quote
            \\t   tab               \\\\   a backslash
            \\u{20ac}  the character with that number, here the euro sign
            \\(name)   the value of a param or fact

        In a string of several lines, a backslash at the end of a line joins the next
        line to it. The $ of a shell needs no backslash. Write two backslashes for one
        in a regular expression.
        """,
        wrong: """
          plan hello {
            phase greet { run "echo \\$HOME | grep '\\d'" }
          }
          """,
        right: """
          plan hello {
            phase greet { run "echo $HOME | grep '\\\\d'" }
          }
          """
      )
    case .invalidNumber:
      ExplainPage(
        code,
        "a malformed number, duration, percentage or version",
        """
        A plan can contain whole numbers (8), percentages (25%), versions (255.4) and
        durations. A duration consists of whole numbers with the units h, m, s and ms,
        the largest unit first, without blanks: 250ms, 30s, 5m, 2h, 1h30m. A number
        alone is not a duration, because nobody would know its unit. The longest
        duration is a hundred years. The largest number is 9223372036854775807.
        """,
        wrong: """
          plan hello {
            phase greet { script pre-start { timeout 30 } }
          }
          """,
        right: """
          plan hello {
            phase greet { script pre-start { timeout 30s } }
          }
          """
      )
    case .unexpectedToken:
      ExplainPage(
        code,
        "something else was expected here",
        """
        This text cannot be used here. The message says what can. Often a word is
        misspelt, a value is missing after the word of a clause, or a text has no
        quotes.

        A plan contains its clauses, then items (param, deployment-job, include, phase,
        barrier, rollout), then its handlers, then its tests. A phase contains its
        clauses, then statements (script, run, wait, start, stop, unmonitor, drain,
        parallel, sequence), then its handlers.
        """,
        wrong: """
          plan hello {
            phase greet per vm { run echo hello }
            barier across instance
          }
          """,
        right: """
          plan hello {
            phase greet per instance { run "echo hello" }
            barrier across instance
          }
          """
      )
    case .missingBrace:
      ExplainPage(
        code,
        "a brace is missing",
        """
        Every { needs a }. The text that follows shows where one is missing: a phase
        cannot be inside a phase, so a } belongs before it. If the end of the file comes
        too early, look at the indentation to find the { that is not closed.
        'lockstep fmt' keeps the indentation correct.
        """,
        wrong: """
          plan hello {
            phase greet {
              script pre-start
            phase part { script post-stop }
          }
          """,
        right: """
          plan hello {
            phase greet {
              script pre-start
            }
            phase part { script post-stop }
          }
          """
      )
    default: secondTextPage(for: code)
    }
  }

  private static func secondTextPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .nestedTooDeep:
      ExplainPage(
        code,
        "nested too deeply",
        """
        Blocks and conditions can be nested \(Parser.nestingLimit) deep. No plan that
        people wrote comes near this limit. If a program writes your plan, let it put a
        long list into one 'parallel' instead of nesting it.
        """,
        wrong: "plan hello {\n  phase greet {\n    when "
          + String(
            repeating: "not not not not not not not not not not\n      ",
            count: Parser.nestingLimit / 10
          ) + "exists \"/x\"\n    script pre-start\n  }\n}",
        right: """
          plan hello {
            phase greet {
              when exists "/x"
              script pre-start
            }
          }
          """
      )
    case .clauseAfterStatement:
      ExplainPage(
        code,
        "a clause after a statement",
        """
        Clauses come first in every block. A clause after a statement would apply to the
        block around it, but it looks as if it belonged to the statement: run "…"
        followed by timeout 30m would give the timeout to the whole phase. So it is an
        error.

        Write the clauses of a step in braces after the step. Write the clauses of a
        block directly after its {.
        """,
        wrong: """
          plan hello {
            phase migrate {
              run "bin/migrate"
              timeout 30m
            }
          }
          """,
        right: """
          plan hello {
            phase migrate {
              run "bin/migrate" { timeout 30m }
            }
          }
          """
      )
    case .emptyFile:
      ExplainPage(
        code,
        "the file contains no plan",
        """
        The file is empty, or contains only comments. A file contains exactly one plan.
        'lockstep new' writes a first plan for you.
        """,
        wrong: "# Nothing yet.",
        right: """
          plan hello {
            phase greet { script pre-start }
          }
          """
      )
    case .textAfterPlan:
      ExplainPage(
        code,
        "text after the end of the plan",
        """
        A file contains one plan. Only comments may follow the } that closes the plan.
        Usually there is one } too many further up, or the file contains two plans.
        """,
        wrong: """
          plan hello {
            phase greet { script pre-start } }
            phase part { script post-stop }
          }
          """,
        right: """
          plan hello {
            phase greet { script pre-start }
            phase part { script post-stop }
          }
          """
      )
    case .fileTooLarge:
      ExplainPage(
        code,
        "the file is too large",
        """
        A plan must be smaller than 4 gigabytes. Either this file is not a plan, or a
        program wrote one without end. You write a phase once, and it applies to every
        release job. So a plan for a thousand VMs is as short as a plan for three.
        """,
        wrong: nil,
        right: """
          plan hello {
            phase greet { script pre-start }
          }
          """
      )
    case .misindentedString:
      ExplainPage(
        code,
        "a string of several lines is not indented like its closing quotes",
        """
        The text of such a string begins on the line after the first \"\"\". The last \"\"\"
        is alone on its line. The blanks before the last \"\"\" are removed from every
        line, so you can indent the text like the plan around it. Each line must begin
        with exactly these blanks, in tabs and spaces.
        """,
        wrong: """
          plan hello {
            phase greet {
              run \"\"\"
                echo hello
              echo again
                \"\"\"
            }
          }
          """,
        right: """
          plan hello {
            phase greet {
              run \"\"\"
                echo hello
                echo again
                \"\"\"
            }
          }
          """
      )
    case .afterHandler:
      ExplainPage(
        code,
        "something follows a handler",
        """
        'on failure' and 'finally' run when their block ends. So they come at its end,
        after all items and statements. Only the tests of a plan come after its
        handlers.
        """,
        wrong: """
          plan hello {
            phase greet {
              finally { run "rm -rf /tmp/greeting" { idempotent } }
              run "bin/greet"
            }
          }
          """,
        right: """
          plan hello {
            phase greet {
              run "bin/greet"
              finally { run "rm -rf /tmp/greeting" { idempotent } }
            }
          }
          """
      )
    default: nil
    }
  }
}
