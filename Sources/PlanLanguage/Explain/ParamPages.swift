extension Explain {
  /// The pages about params, conditions and includes.
  static func paramPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .unknownParam:
      ExplainPage(
        code,
        "no such param",
        """
        \\(name), or a name without a dot in a condition, means a param of the plan. An
        included plan can use only its own params. A param of the same name in the plan
        that includes it gives it the value.
        """,
        wrong: """
          plan shop {
            param bucket = "backups"
            phase upload { run "bin/upload \\(buket)" }
          }
          """,
        right: """
          plan shop {
            param bucket = "backups"
            phase upload { run "bin/upload \\(bucket)" }
          }
          """
      )
    case .missingParam:
      ExplainPage(
        code,
        "a param without a value",
        """
        A param without a default needs a value. Give it with --set name=VALUE on the
        command line, or let the plan that includes this one give it. It is only a
        warning in 'lockstep check', which looks at the plan alone.
        """,
        wrong: """
          plan shop {
            param bucket
            phase upload { run "bin/upload \\(bucket)" }
          }
          """,
        right: """
          plan shop {
            param bucket = "backups"
            phase upload { run "bin/upload \\(bucket)" }
          }
          """
      )
    case .wrongKindOfValue:
      ExplainPage(
        code,
        "a value of the wrong kind",
        """
        The value of the param does not fit the place where it is used. 'timeout' needs
        a duration, 'retry' a whole number, 'limit' a number or a percentage, and
        'wait tcp' HOST:PORT. A comparison of versions needs a version.
        """,
        wrong: """
          plan shop {
            param patience = "long"
            phase warm { script warm { timeout \\(patience) } }
          }
          """,
        right: """
          plan shop {
            param patience = 10m
            phase warm { script warm { timeout \\(patience) } }
          }
          """
      )
    case .unsafeInCommand:
      ExplainPage(
        code,
        "a value that is not safe in a shell command",
        """
        A command string goes to /bin/sh. The value of a param or fact could contain
        blanks, quotes or a $( ) that the shell would act on. So only letters, digits
        and _ . / : @ % + , = - are allowed in it. Put the value into a variable with
        'env' and write "$VARIABLE", or use the form with brackets, which no shell
        reads.
        """,
        wrong: """
          plan shop {
            param title = "the shop; rm -rf /"
            phase announce { run "bin/announce \\(title)" }
          }
          """,
        right: """
          plan shop {
            param title = "the shop; rm -rf /"
            phase announce { run ["bin/announce", "\\(title)"] }
          }
          """
      )
    case .unknownFact:
      ExplainPage(
        code,
        "an unknown fact",
        """
        A name with a dot is a fact about the machine: stemcell.os, stemcell.version,
        vm.host, director.version. A fact that nobody supplied is an error. It does not
        count as false, because nobody would notice a condition that never holds. Give
        the fact with --fact name=VALUE. 'lockstep facts' shows what is known about a
        VM. If the plan must work without the fact, write what then holds: after 'known
        name', in the same chain of 'and' or 'or', the fact may be missing.
        """,
        wrong: """
          plan shop {
            phase patch {
              when stemcell.distro == "jammy"
              script patch
            }
          }
          """,
        right: """
          plan shop {
            phase patch {
              when not known stemcell.os or stemcell.os == "ubuntu-jammy"
              script patch
            }
          }
          """
      )
    default: includePage(for: code)
    }
  }

  private static func includePage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .unknownInclude:
      ExplainPage(
        code,
        "the plan to include cannot be found",
        """
        A name without quotes is a bundled plan; 'lockstep --help' lists them. A string
        is the path of a file, relative to the plan that includes it.
        """,
        wrong: """
          plan shop {
            include "missing.plan"
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            include "other.plan"
            phase warm { script warm }
          }
          """
      )
    case .includeCycle:
      ExplainPage(
        code,
        "a plan includes itself",
        """
        This plan includes itself, directly or through other plans. This would never
        end. Put what both plans need into a third plan.
        """,
        wrong: """
          plan shop {
            include "other.plan"
            phase warm { script warm }
          }
          """,
        right: """
          plan shop {
            phase warm { script warm }
          }
          """,
        other: """
          plan other {
            include "other.plan"
          }
          """
      )
    case .deploymentJobInInclude:
      ExplainPage(
        code,
        "a deployment job in an included plan",
        """
        Only the plan that is run declares deployment jobs. An included plan says what
        to do with them.
        """,
        wrong: """
          plan shop {
            include "other.plan"
          }
          """,
        right: """
          plan shop {
            deployment-job web { release-jobs nginx }
            phase warm { script warm }
          }
          """,
        other: """
          plan other {
            deployment-job web { release-jobs nginx }
            phase warm { script warm }
          }
          """
      )
    case .duplicateParam:
      ExplainPage(
        code,
        "two params with one name",
        """
        Declare each param once in a plan.
        """,
        wrong: """
          plan shop {
            param batch = 2
            param batch = 25%
            phase warm { limit \\(batch) script warm }
          }
          """,
        right: """
          plan shop {
            param batch = 25%
            phase warm { limit \\(batch) script warm }
          }
          """
      )
    case .secretOutsideEnv:
      ExplainPage(
        code,
        "a secret outside 'env'",
        """
        Everyone on the machine can see a command line, and it is written to reports and
        logs. So you can use a secret param only in a variable. Let the command read the
        variable.
        """,
        wrong: """
          plan shop {
            param token secret = "x"
            phase login { run "bin/login \\(token)" }
          }
          """,
        right: """
          plan shop {
            param token secret = "x"
            phase login {
              env TOKEN = "\\(token)"
              run "bin/login \\"$TOKEN\\""
            }
          }
          """
      )
    default: nil
    }
  }
}
