import Glibc
@testable import Machine
import Testing

/// What a quick look may be sure of, and what it has to leave to the exact ones.
@Suite struct QuickLookTests {
  private let root = TemporaryRoot()
  private let script = "jobs/a/bin/pre-start"

  private func canExecute() throws -> Bool {
    var look = QuickLook(on: try root.open())
    return look.canExecute(script)
  }

  private func canLog() throws -> Bool {
    var look = QuickLook(on: try root.open())
    return look.canLog("a", "pre-start")
  }

  @Test func isSureOfAPlainScript() throws {
    root.script("a", "pre-start", "exit 0")
    #expect(try canExecute())
  }

  /// The second of them is compared with the first line of the first.
  @Test func isSureOfScriptsThatBeginAlike() throws {
    root.script("a", "pre-start", "exit 0")
    root.script("a", "post-start", "exit 1")
    root.write("jobs/a/bin/drain", "#!/bin/sh\r\n", mode: 0o755)
    var look = QuickLook(on: try root.open())
    let found = [script, "jobs/a/bin/post-start", "jobs/a/bin/drain"].map { look.canExecute($0) }
    #expect(found == [true, true, false])
  }

  @Test(arguments: ["", "exit 0\n", "#!/bin/sh\r\n", "#!/no/such/shell\n", " #!/bin/sh\n"])
  func isNotSureOfOtherFirstLines(_ text: String) throws {
    root.write(script, text, mode: 0o755)
    #expect(try !canExecute())
  }

  @Test func isNotSureOfWhatMayNotBeExecuted() throws {
    root.write(script, "#!/bin/sh\n", mode: 0o644)
    #expect(try !canExecute())
  }

  @Test func isNotSureOfLinksAndOfWhatIsNoFile() throws {
    root.script("b", "pre-start", "exit 0")
    root.makeFolder("jobs/a")
    root.makeFolder("jobs/a/bin")
    symlink(root.at("jobs/b/bin/pre-start"), root.at(script))
    #expect(try !canExecute())
    unlink(root.at(script))
    mkfifo(root.at(script), 0o755)
    #expect(try !canExecute())
    unlink(root.at(script))
    #expect(try !canExecute())
    rmdir(root.at("jobs/a/bin"))
    symlink(root.at("jobs/b/bin"), root.at("jobs/a/bin"))
    #expect(try !canExecute())
  }

  @Test func isSureOfLogsThatAreThereOrCanBeMade() throws {
    root.makeFolder("sys/log/a")
    #expect(try canLog())
    root.write("sys/log/a/pre-start.stdout.log", "")
    #expect(try canLog())
  }

  @Test func isNotSureOfOtherLogs() throws {
    #expect(try !canLog())
    root.makeFolder("sys/log/a")
    mkfifo(root.at("sys/log/a/pre-start.stderr.log"), 0o644)
    #expect(try !canLog())
    unlink(root.at("sys/log/a/pre-start.stderr.log"))
    symlink("x", root.at("sys/log/a/pre-start.stderr.log"))
    #expect(try !canLog())
    unlink(root.at("sys/log/a/pre-start.stderr.log"))
    root.write("sys/log/a/pre-start.stderr.log", "", mode: 0o400)
    #expect(try !canLog())
    rename(root.at("sys/log/a"), root.at("sys/log/b"))
    symlink("b", root.at("sys/log/a"))
    #expect(try !canLog())
  }
}
