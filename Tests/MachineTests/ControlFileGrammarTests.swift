import Glibc
@testable import System
import Testing
@testable import VM

/// What monit 5.2.5 refuses when it loads a control file, and what it takes.
@Suite struct ControlFileGrammarTests {
  /// A file that is refused.
  struct Bad: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var text: String
    var place: String
    var what: String

    init(_ description: String, _ text: String, _ place: String, _ what: String) {
      testDescription = description
      self.text = text
      self.place = place
      self.what = what
    }
  }

  private static let web = "check process web with pidfile /run/web.pid\n"

  static let refusedByAll = [
    Bad(
      "JSON",
      "{\n \"name\": \"web\"\n}\n",
      "1:1",
      "has '{', which does not begin a monit statement"
    ),
    Bad(
      "a sentence",
      "Nothing to see here.\n",
      "1:1",
      "has 'Nothing', which does not begin a monit statement"
    ),
    Bad(
      "a misspelt check",
      "chek process a pidfile /a\n",
      "1:1",
      "has 'chek', which does not begin a monit statement; write 'check'"
    ),
    Bad(
      "a misspelt statement",
      web + "  strat program = \"/bin/a\"\n",
      "2:3",
      "has 'strat', which does not begin a monit statement; write 'start'"
    ),
    Bad(
      "a misspelt group",
      web + "  gruop vcap\n",
      "2:3",
      "has 'gruop', which does not begin a monit statement; write 'group'"
    ),
    Bad(
      "a misspelt clause",
      web + "  start program = \"/bin/a\" with tiemout 3 seconds\n",
      "2:33",
      "has 'tiemout', which does not begin a monit statement; write 'timeout'"
    ),
    Bad(
      "as uid behind the timeout",
      web + "  start program = \"/bin/a\" with timeout 60 seconds as uid vcap\n",
      "2:55",
      "has 'uid': 'as uid' and 'as gid' come before 'with timeout'"
    ),
    Bad(
      "hours",
      web + "  start program = \"/bin/a\" with timeout 1 hours\n",
      "2:43",
      "has 'hours' where monit wants 'seconds'"
    ),
    Bad(
      "minutes",
      web + "  stop program = \"/bin/a\" with timeout 2 minutes\n",
      "2:42",
      "has 'minutes' where monit wants 'seconds'"
    ),
    Bad(
      "a program without quotes",
      web + "  start program = /bin/ctl start web\n",
      "2:17",
      "has no program in double quotes after 'start'; write start program = \"/path argument …\""
    ),
    Bad(
      "escaped quotes",
      web + "  start program = \"/bin/sh -c \\\"exec web\\\"\"\n",
      "2:33",
      "has 'exec': a backslash does not escape a double quote here; use single quotes"
    ),
    Bad("an open quote", web + "  start program '/bin/a\n", "2:17", "has a quote without an end"),
    Bad(
      "no pid file",
      "check process a\n group vcap\n",
      "2:2",
      "has 'group' where monit wants 'pidfile', 'path' or 'matching'"
    ),
    Bad(
      "no path",
      "check process a with pidfile\n",
      "2:1",
      "ends where monit wants a path from '/' on or a text"
    ),
    Bad(
      "no name",
      "check process",
      "1:14",
      "ends where monit wants 'pidfile', 'path' or 'matching'"
    ),
    Bad(
      "the same process twice",
      web + "check process web pidfile /b\n",
      "2:15",
      "has a second check with the name 'web'"
    ),
    Bad(
      "a check of another kind with its name",
      web + "check file web path /b\n",
      "2:12",
      "has a second check with the name 'web'"
    ),
    Bad(
      "a condition without then",
      web + "  if cpu > 5% restart\n",
      "2:15",
      "has 'restart' where monit wants something else"
    ),
    Bad(
      "an action that is none",
      web + "  if 3 restarts within 5 cycles then explode\n",
      "2:38",
      "has 'explode' where monit wants something else"
    ),
    Bad(
      "more restarts than cycles",
      web + "  if 6 restarts within 5 cycles then timeout\n",
      "2:6",
      "has 6 restarts within 5 cycles; write 1 to 5"
    ),
    Bad(
      "a pattern that is none",
      "check process a matching \"(\" group vcap\n",
      "1:26",
      "has '(', which is not a regular expression"
    ),
    Bad("NUL", "check process a\0\n", "1:16", "has a NUL byte, so it is not a control file"),
  ]

  /// Input that only later versions of monit accept, or that monit understands in an unintended
  /// way.
  static let refusedBy525 = [
    Bad(
      "a quoted name with a blank",
      "check process \"a b\" pidfile /a\n",
      "1:15",
      "has a name in quotes with a blank or a sign in it that no name may have"
    ),
    Bad(
      "a comment that ends with the file",
      web + "# the end",
      "2:1",
      "has '#', which does not begin a monit statement"
    ),
    Bad(
      "every first cycle",
      web + "  every 1 cycles\n",
      "2:3",
      "has 'every 1 cycles'; write 2 or more"
    ),
    Bad(
      "no blank behind the =",
      web + "  start program=\"/bin/a\"\n",
      "2:9",
      "has 'program=', which monit reads as the program; put a blank after the '='"
    ),
    Bad(
      "a program of another name",
      web + "  start prgram \"/bin/a\"\n",
      "2:9",
      "has the program 'prgram' without double quotes"
    ),
    Bad(
      "a bare word behind a program",
      web + "  start program = \"/bin/a\" now\n",
      "2:28",
      "has 'now', which does not begin a monit statement"
    ),
    Bad(
      "a program without an end",
      web + "  start program = \"/bin/a\n  group vcap\n",
      "2:3",
      "has a program in double quotes without an end"
    ),
    Bad(
      "a timeout of nothing",
      web + "  start program \"/b\" with timeout 0 seconds\n",
      "2:35",
      "has a timeout of 0 seconds"
    ),
  ]

  @Test(
    "BOSH 5.7: what monit refuses to load is refused, with its place",
    arguments: refusedByAll + refusedBy525
  )
  func refuses(_ bad: Bad) {
    do {
      _ = try ControlFileParser.parse(Array(bad.text.utf8))
      Issue.record("it was read")
    } catch {
      #expect("\(error.place.line):\(error.place.column)" == bad.place)
      #expect(error.what == bad.what)
    }
  }

  @Test(
    .enabled(if: MonitRig.isInstalled, "monit is not installed: apt-get install monit"),
    arguments: refusedByAll
  )
  func monitRefusesItToo(_ bad: Bad) throws {
    // It silently stops reading binary files.
    if bad.text.contains("\0") { return }
    #expect(try monitTakes(bad.text) == false)
  }

  @Test(.enabled(if: MonitRig.isInstalled, "monit is not installed: apt-get install monit"))
  func monitTakesWhatIsTaken() throws {
    #expect(try monitTakes(Self.everything))
    #expect(throws: Never.self) { try ControlFileParser.parse(Array(Self.everything.utf8)) }
  }

  /// Statements that all versions from 5.2.5 on know.
  private static let everything = """
    check process a with pidfile /run/a.pid # a comment with "quotes
      start program = "/bin/a start 'x y'" as uid root and gid root with timeout 20 seconds
      STOP PROGRAM "/bin/a stop"
      if failed host 127.0.0.1 port 80 type tcp protocol http and request "/x"
        with timeout 10 seconds for 2 cycles then restart else if succeeded for 3 cycles then alert
      if failed unixsocket /a/b then alert
      if cpu > 90% for 5 cycles then exec "/bin/start stop" as uid root else if succeeded then stop
      if totalmem is greater than 100.5 MB for 3 times within 5 cycles then alert
      if children > 5 then alert
      if loadavg (5min) > 4 then unmonitor
      if 5 restarts within 5 cycles then timeout
      if changed pid then alert
      if does not exist for 3 cycles then start
      alert me@example.com only on { timeout, exec }
      every 2 cycles
      mode manual
      group vcap group "other"
      depends on f, here
    check file f with path /etc/passwd
      if changed timestamp then exec "/bin/x"
      if size > 5 MB then alert
      if match "abc.*d" then alert
      if failed permission 0644 then alert
      if failed uid root then alert
    check system here if loadavg (1min) > 4 then alert
    check host h with address 127.0.0.1
      if failed port 25 send "x" expect "y" then alert
    check filesystem disk with path /
      if space usage > 80% then alert
      if inode usage > 80% then alert
    check directory d path /tmp
      if failed gid 0 then alert
    check process m matching "nginx: master"
      group vcap

    """

  @Test func readsAllOfIt() throws {
    let file = try ControlFileParser.parse(Array(Self.everything.utf8))
    #expect(file.services.map(\.name) == ["a", "f", "here", "h", "disk", "d", "m"])
    #expect(file.processes.map(\.name) == ["a", "m"])
    #expect(file.processes[0].start?.arguments == ["/bin/a", "start", "x y"])
    #expect(file.processes[0].stop?.arguments == ["/bin/a", "stop"])
    #expect(file.processes[0].dependencies == ["f", "here"])
    #expect(file.processes[0].groups == ["vcap", "other"])
    #expect(file.laterStatements.isEmpty && file.relativePidFiles.isEmpty)
  }

  @Test func statementsOfLaterVersionsAreDistinguished() throws {
    let text =
      Self.web + "  restart program = \"/bin/a\"\n  onreboot nostart\n  every \"* 1 * * *\"\n"
      + "check process b with pidfile run/b.pid\n not every \"* 1 * * *\"\n"
    let file = try ControlFileParser.parse(Array(text.utf8))
    #expect(file.processes.count == 2)
    #expect(
      file.laterStatements.map(\.what) == [
        "has 'restart program', which monit 5.2.5 does not know",
        "has 'onreboot', which monit 5.2.5 does not know",
        "has 'every' with a time, which monit 5.2.5 does not know",
        "has 'not every', which monit 5.2.5 does not know",
      ]
    )
    #expect(file.laterStatements.map(\.place.line) == [2, 3, 4, 6])
    #expect(file.relativePidFiles.map(\.place.column) == [30])
  }

  /// A truncated or damaged file must be refused, and nothing else may happen.
  @Test func survivesEveryCutAndDamage() {
    let bytes = Array(Self.everything.utf8)
    for length in stride(from: 0, to: bytes.count, by: 3) {
      _ = try? ControlFileParser.parse(Array(bytes[..<length]))
    }
    for index in stride(from: 0, to: bytes.count, by: 5) {
      for change in [0x15, 0x80] as [UInt8] {
        var damaged = bytes
        damaged[index] ^= change
        _ = try? ControlFileParser.parse(damaged)
      }
    }
  }

  /// Whether the installed monit loads a file.
  private func monitTakes(_ text: String) throws -> Bool {
    let vm = TemporaryVM()
    vm.write(
      "rc",
      "set daemon 10\nset idfile \(vm.at("id"))\ninclude \(vm.at("file"))\n",
      mode: 0o600
    )
    vm.write("file", text, mode: 0o600)
    let spawner = try Spawner(usesSlots: false)
    let folder = try Descriptor.folder("/")
    let process = try spawner.spawn(
      ProgramStart(
        path: MonitRig.program,
        arguments: CStrings([MonitRig.program, "-t", "-c", vm.at("rc")]),
        environment: CStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(vm.path)"]),
        folder: folder.number,
        stdout: spawner.nullNumber,
        stderr: spawner.nullNumber,
        isLowered: false,
        group: nil
      )
    ).process
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status == 0
  }
}
