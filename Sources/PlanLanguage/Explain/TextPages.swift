extension Explain {
  /// Pages about text and grammar.
  static func textPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .invalidUTF8:
      ExplainPage(
        code,
        "the file is not UTF-8 text",
        """
        A plan is a UTF-8 text file. This one holds bytes that UTF-8 never has: it was
        saved in another encoding (Latin-1, Windows-1252, UTF-16), or it is no text at
        all, such as an archive or a program.

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
        "a character that nothing begins with",
        """
        Outside of strings and comments a plan holds names, numbers, strings and the
        signs { } [ ] ( ) , = == != < <= > >= and .. only. Clauses and statements need
        no ; or : between them, strings stand between ", and a comment begins with #.

        Characters that only look like others are told by their number: a no-break
        space (U+00A0) or typographic quotes come from word processors and web pages.
        Other letters than ASCII ones stand in strings, also for names.
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
        A string between " ends on its own line; one of several lines stands between
        \"\"\" and \"\"\". A " inside a string is written \\".
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
        "a backslash with a meaning unknown",
        """
        In a string a backslash begins one of these, and nothing else:

            \\n   line end          \\"   a quote
            \\t   tab               \\\\   a backslash
            \\u{20ac}  the character with that number, here the euro sign
            \\(name)   the value of a param

        A shell's $ needs no backslash. For a regular expression's backslash write two.
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
        "a number, duration, percentage or version that is none",
        """
        There are whole numbers (8), percentages (25%), versions (255.4) and durations.
        A duration is whole numbers with the units h, m, s and ms, the largest first,
        without blanks: 250ms, 30s, 5m, 2h, 1h30m. A number alone is no duration, since
        nobody would know of what. The longest duration is a hundred years, the largest
        number 9223372036854775807.
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
        The words are all known, but not in this order: the message says what could
        stand here. Often a word is misspelt, a value is missing behind a clause's
        word, or text lacks its quotes.

        A plan holds its clauses, then items (param, deployment-job, include, phase,
        barrier, rollout), then its handlers. A phase holds its clauses, then
        statements (script, run, wait, start, stop, unmonitor, drain, parallel,
        sequence), then its handlers.
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
        Every { has its }. Where one is missing is known from what follows: a phase
        cannot stand in a phase, so a } belongs before it. At the end of the file the
        indentation tells best which one it is; lockstep fmt keeps it right.
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
        "nested too deep",
        """
        Blocks and conditions can be nested \(Parser.nestingLimit) deep. No plan that people wrote comes
        near; a program that writes plans can put a long list into one 'parallel'
        instead of nesting it.
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
        "a clause behind a statement",
        """
        Clauses come first in every block. Behind a statement a clause would belong to
        the block around it, and be read as the statement's own: run "…" followed by
        timeout 30m would give the timeout to the whole phase. So it is an error.

        A step's own clauses stand in braces behind it, a block's right behind its {.
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
        "the file holds no plan",
        """
        There is nothing in the file, or nothing but comments. A file holds one plan.
        lockstep new writes a first one.
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
        "text behind the end of the plan",
        """
        A file holds one plan, and the } that closes it is the last of the file. Most
        often there is a } too many further up, or two plans were put into one file.
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
        A plan has less than 4 gigabytes. Something else than a plan was given, or a
        program wrote one without end. A phase is written once and applies to every
        release job, so that a plan for a thousand VMs is as short as one for three.
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
        "a string of several lines is not indented as its end",
        """
        Between \"\"\" and \"\"\" text has lines of its own: it begins on the line behind the
        first, the last stands alone on its line, and the blanks before the last are
        taken off every line. So the text can be indented with the plan around it.
        Each line has to begin with those same blanks, tabs and spaces alike.
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
        "something stands behind a handler",
        """
        'on failure' and 'finally' run when their block ends, so they stand at its end,
        behind all items and statements.
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
