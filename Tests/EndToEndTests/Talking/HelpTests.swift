import TestSupport
import Testing

/// What the command says about itself.
@Suite(.waits) struct HelpTests {
  private static let commands = [
    "run", "resume", "dry-run", "check", "test", "diff", "prove", "audit", "fmt", "new", "explain",
    "facts", "render", "logrotate", "install-boot", "debug",
  ]

  @Test func versionIsOneLine() throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep("--version").expect(0)
    #expect(finished.out.hasPrefix("lockstep "))
    #expect(finished.out.split(separator: "\n").count == 1)
    #expect(finished.err.isEmpty)
  }

  @Test func helpListsTheCommands() throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep("--help").expect(0)
    for command in Self.commands { finished.prints("\n  \(command) ") }
    finished.prints("exit status:", "130", "143", "bosh-deploy")
    try Golden.expect(finished.out, "help.txt")
    #expect(try sandbox.lockstep("help").out == finished.out)
    #expect(try sandbox.lockstep("-h").out == finished.out)
    // Without arguments it prints the same, but to standard error, so that a pipe does not take it
    // for a result.
    let nothing = try sandbox.lockstep().expect(2)
    #expect(nothing.out.isEmpty)
    #expect(nothing.err == finished.out)
  }

  @Test(arguments: commands)
  func eachCommandHasHelp(command: String) throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep(command, "--help").expect(0)
    #expect(finished.err.isEmpty)
    finished.prints("usage: lockstep \(command)", "--help", "--color", "examples:")
    #expect(try sandbox.lockstep("help", command).out == finished.out)
    #expect(try sandbox.lockstep(command, "-h").out == finished.out)
    if command != "facts" {
      #expect(try sandbox.lockstep(command, "PLAN", "--help").out == finished.out)
    }
    try Golden.expect(finished.out, "help-\(command).txt")
  }

  @Test func everyDocumentedOptionIsAccepted() throws {
    let sandbox = try Sandbox()
    for command in Self.commands {
      let help = try sandbox.lockstep(command, "--help").out
      let options = help.split(separator: "\n").filter { $0.hasPrefix("  --") }
      #expect(options.count >= 2)
      for line in options {
        let words = line.split(separator: " ")
        let takesValue = words.count > 1 && words[1].allSatisfy { !$0.isLowercase }
        let option = String(words[0])
        // `--help` wins, whatever comes before it.
        let value = takesValue ? ["x"] : []
        let finished = try sandbox.start([command, option] + value + ["--help"]).finish()
        finished.expect(option == "--help" ? 2 : 0)
      }
    }
  }

  @Test func helpForAnUnknownCommandNamesTheNearest() throws {
    let sandbox = try Sandbox()
    let finished = try sandbox.lockstep("help", "dry-rum").expect(2)
    finished.complains("no command 'dry-rum'", "did you mean 'dry-run'?")
  }
}
