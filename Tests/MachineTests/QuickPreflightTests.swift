import Glibc
@testable import Machine
import Testing

/// What the quick check may be sure of, and what it must leave to the exact checks.
@Suite struct QuickPreflightTests {
  private let vm = TemporaryVM()
  private let script = "jobs/a/bin/pre-start"

  private func canExecute() throws -> Bool {
    var look = QuickPreflight(on: try vm.open())
    return look.canExecute(script)
  }

  private func canLog() throws -> Bool {
    var look = QuickPreflight(on: try vm.open())
    return look.canLog("a", "pre-start")
  }

  @Test func isSureOfAPlainScript() throws {
    vm.script("a", "pre-start", "exit 0")
    #expect(try canExecute())
  }

  /// The second of them is compared with the first line of the first.
  @Test func isSureOfScriptsWithTheSameFirstLine() throws {
    vm.script("a", "pre-start", "exit 0")
    vm.script("a", "post-start", "exit 1")
    vm.write("jobs/a/bin/drain", "#!/bin/sh\r\n", mode: 0o755)
    var look = QuickPreflight(on: try vm.open())
    let found = [script, "jobs/a/bin/post-start", "jobs/a/bin/drain"].map { look.canExecute($0) }
    #expect(found == [true, true, false])
  }

  @Test(arguments: ["", "exit 0\n", "#!/bin/sh\r\n", "#!/no/such/shell\n", " #!/bin/sh\n"])
  func isNotSureOfOtherFirstLines(_ text: String) throws {
    vm.write(script, text, mode: 0o755)
    #expect(try !canExecute())
  }

  @Test func isNotSureOfNonExecutableFiles() throws {
    vm.write(script, "#!/bin/sh\n", mode: 0o644)
    #expect(try !canExecute())
  }

  @Test func isNotSureOfLinksAndOtherKindsOfFiles() throws {
    vm.script("b", "pre-start", "exit 0")
    vm.makeFolder("jobs/a")
    vm.makeFolder("jobs/a/bin")
    symlink(vm.at("jobs/b/bin/pre-start"), vm.at(script))
    #expect(try !canExecute())
    unlink(vm.at(script))
    mkfifo(vm.at(script), 0o755)
    #expect(try !canExecute())
    unlink(vm.at(script))
    #expect(try !canExecute())
    rmdir(vm.at("jobs/a/bin"))
    symlink(vm.at("jobs/b/bin"), vm.at("jobs/a/bin"))
    #expect(try !canExecute())
  }

  @Test func isSureOfLogsThatExistOrCanBeCreated() throws {
    vm.makeFolder("sys/log/a")
    #expect(try canLog())
    vm.write("sys/log/a/pre-start.stdout.log", "")
    #expect(try canLog())
  }

  @Test func isNotSureOfOtherLogs() throws {
    #expect(try !canLog())
    vm.makeFolder("sys/log/a")
    mkfifo(vm.at("sys/log/a/pre-start.stderr.log"), 0o644)
    #expect(try !canLog())
    unlink(vm.at("sys/log/a/pre-start.stderr.log"))
    symlink("x", vm.at("sys/log/a/pre-start.stderr.log"))
    #expect(try !canLog())
    unlink(vm.at("sys/log/a/pre-start.stderr.log"))
    vm.write("sys/log/a/pre-start.stderr.log", "", mode: 0o400)
    #expect(try !canLog())
    rename(vm.at("sys/log/a"), vm.at("sys/log/b"))
    symlink("b", vm.at("sys/log/a"))
    #expect(try !canLog())
  }
}
