extension Explain {
  /// Pages about params, conditions and includes.
  static func paramPage(for code: DiagnosticCode) -> ExplainPage? {
    switch code {
    case .unknownParam:
      ExplainPage(
        code,
        "no such param",
        """
        \\(name) and a bare name in a condition stand for a param that the plan declares.
        An included plan sees its own params only; one of the same name in the plan
        that includes it gives the value.
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
        A param that is declared without a value has to be given one: with
        --set name=VALUE on the command line, or by the plan that includes this one.
        To check, which looks at the plan alone, it is a warning.
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
        The param's value is not what its place takes: a duration after 'timeout', a
        whole number after 'retry', a number or percentage after 'limit', HOST:PORT
        after 'wait tcp', a version where versions are compared.
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
        "a param that a shell would take apart",
        """
        A command string goes to /bin/sh. A param's value put into it could hold
        blanks, quotes or a $( ) that the shell would act on, so only letters, digits
        and _ . / : @ % + , = - are let through. Give the value in a variable and write
        "$VARIABLE", or use the form with brackets, which no shell reads.
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
        "nothing is known of this fact",
        """
        A name with a dot in a condition is a fact about the machine: stemcell.os,
        stemcell.version, vm.host, director.version. One that nobody supplied is an
        error, not false, since a gate that silently stays shut helps nobody. Give it
        with --fact name=VALUE; 'lockstep facts' shows what a VM knows. Where a plan
        has to do without it, it says what then holds: behind 'known name', in the same
        chain of 'and' or 'or', the fact may be missing.
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
        A bare name is a plan that is built in; lockstep --help lists them. A string is
        the path of a file, relative to the plan that includes it.
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
        Directly or by way of others this plan is included in itself, which would never
        end. What both need belongs in a third plan.
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
        What there is to deploy is said in one place, the plan that is run. An included
        plan says what to do with it.
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
        "two params of one name",
        """
        A param is declared once in a plan.
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
        "a secret outside of env",
        """
        A command line can be seen by everybody on the machine and is written into
        reports and logs. So a secret param goes into a variable only, and the command
        reads that.
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
