import Glibc
import TestSupport
import Testing

/// What `render` writes, refuses and survives.
@Suite(
  "Rendered release jobs",
  .waits,
  .enabled(if: Tool.isAllRequired || Tool.ruby.works("-e", "0"))
)
struct RenderTests {
  private static let script = "#!/bin/sh\necho <%= p('words', 'hello') %>\n"

  private func release(
    _ sandbox: Sandbox,
    _ destination: String,
    _ text: String = RenderTests.script
  ) throws -> TestRelease {
    let release = try TestRelease(
      sandbox,
      spec: "properties: {words: {}}\n",
      templates: ["a.erb": destination]
    )
    try release.template("a.erb", text)
    return release
  }

  @Test("BOSH 4.2 and 10.1: files, modes and folders are as the agent makes them")
  func written() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(
      sandbox,
      templates: ["a": "bin/pre-start", "b": "bin/lib/x.sh", "c": "config/deep/c.conf"]
    )
    try release.template("a", Self.script)
    try release.template("b", "x=1\n")
    try release.template("c", "c\n")
    try sandbox.write("release/jobs/web/monit", "# <%= index %>\n")
    try release.render().expect(0).prints("0750", "bin/pre-start", "wrote 4 files into vm/jobs/web")
    let job = "vm/jobs/web"
    #expect(release.file("monit") == "# 0\n")
    #expect(release.file("bin/pre-start") == "#!/bin/sh\necho hello\n")
    #expect(FileTree.mode(sandbox["\(job)/bin/pre-start"]) == "750")
    #expect(FileTree.mode(sandbox["\(job)/bin/lib/x.sh"]) == "750")
    #expect(FileTree.mode(sandbox["\(job)/config/deep/c.conf"]) == "640")
    #expect(FileTree.mode(sandbox["\(job)/monit"]) == "640")
    #expect(FileTree.mode(sandbox["\(job)/config/deep"]) == "750")
    #expect(FileTree.mode(sandbox["vm/sys/log/web"]) == "770")
    #expect(FileTree.mode(sandbox["vm/sys/run/web"]) == "770")
    #expect(FileTree.mode(sandbox["vm/data/web"]) == "770")
    // And a run takes it as it is.
    try sandbox.lockstep("run", "bosh-start", "--vm", "vm").expect(0)
    #expect(sandbox.text("vm/sys/log/web/pre-start.stdout.log") == "hello\n")
  }

  @Test("Rendering again replaces the whole release job in one step, and nothing else")
  func again() throws {
    let sandbox = try Sandbox()
    let release = try release(sandbox, "bin/pre-start")
    try release.render().expect(0)
    let first = FileTree.target(ofLink: sandbox["vm/jobs/web"])
    try release.render(properties: "properties: {words: bye}\n").expect(0)
    let second = FileTree.target(ofLink: sandbox["vm/jobs/web"])
    #expect(release.file("bin/pre-start")?.contains("bye") == true)
    #expect(first != second)
    #expect(FileTree.names(sandbox["vm/data/jobs/web"]).count == 1)
    // Rendering the same again makes a new folder, because someone may have edited the old one.
    try release.render(properties: "properties: {words: bye}\n").expect(0)
    #expect(FileTree.target(ofLink: sandbox["vm/jobs/web"]) != second)
    #expect(FileTree.names(sandbox["vm/data/jobs/web"]).count == 1)
    #expect(FileTree.names(sandbox["vm"]) == ["data", "jobs", "sys"])
    // A failure leaves what was there.
    try release.template("a.erb", "<% raise 'no' %>")
    let before = FileTree.listing(sandbox["vm/jobs"])
    try release.render().expect(2)
    FileTree.expectUnchanged(sandbox["vm/jobs"], since: before)
    #expect(release.file("bin/pre-start")?.contains("bye") == true)
  }

  @Test(
    "A destination stays in the release job's folder",
    arguments: [
      ("../../etc/x", "has '..' in it"), ("/etc/x", "begins with '/'"),
      ("config/../../../x", "has '..' in it"), ("'bin/'", "is a folder"), ("'.'", "names no file"),
      (#""config/a\nb""#, "contains a control character"),
    ]
  )
  func destinations(destination: String, complaint: String) throws {
    let sandbox = try Sandbox()
    try release(sandbox, destination).render().expect(2).complains(complaint)
    #expect(FileTree.paths(sandbox["vm"]) == [])
    #expect(!sandbox.exists("etc"))
  }

  @Test("Two templates cannot share a place, and a file cannot be a folder")
  func conflicts() throws {
    let sandbox = try Sandbox()
    let release = try TestRelease(
      sandbox,
      templates: ["a": "config/x", "b": "config/./x", "c": "config/x/y"]
    )
    for name in ["a", "b", "c"] { try release.template(name, "x") }
    try release.render().expect(2).complains("both go to config/x", "config/x, which is a file")
  }

  @Test(
    "BOSH 3.1 and 10.1: a file that is rendered as a script must be executable",
    arguments: [
      ("bin/pre-start", "echo", "has no shebang"),
      ("bin/post-start", "<% if false %>#!/bin/sh<% end %>", "is empty"),
      ("bin/post-deploy", "\n#!/bin/sh\n", "has blanks or empty lines before its shebang"),
      ("bin/pre-stop", "#!/bin/sh\r\n", "ends in CR LF"),
      ("bin/drain", "\u{FEFF}#!/bin/sh\n", "byte order mark"),
      ("bin/run", "#!\n", "without an interpreter"),
      // A name that BOSH does not know is not a script.
      ("bin/pre_start", "echo", ""), ("bin/helpers/pre-start", "echo", ""),
      ("pre-start", "echo", ""),
      // A package may bring it.
      ("bin/post-stop", "#!/var/vcap/packages/ruby/bin/ruby\n", ""),
    ]
  )
  func shebangs(destination: String, text: String, complaint: String) throws {
    let sandbox = try Sandbox()
    let finished = try release(sandbox, destination, text).render()
    if complaint.isEmpty {
      finished.expect(0)
    } else {
      finished.expect(2).complains(complaint, destination)
    }
  }

  @Test(
    "BOSH 10.5: names that mean something else are refused",
    arguments: ["..", "a/b", "-x", ""]
  )
  func names(name: String) throws {
    let sandbox = try Sandbox()
    let release = try release(sandbox, "config/a")
    try sandbox.lockstep("render", "release", "--job=\(name)", "--check").expect(2)
      .complains("the name '\(name)' of --job")
    withExtendedLifetime(release) {}
  }

  @Test("--check writes nothing; without --job the release jobs are listed")
  func lookOnly() throws {
    let sandbox = try Sandbox()
    let release = try release(sandbox, "bin/pre-start")
    try release.render(["--check"]).expect(0).prints("1 file rendered, nothing written")
    #expect(FileTree.paths(sandbox["vm"]) == [])
    try sandbox.lockstep("render", "release").expect(0).prints("web  (pre-start)")
    try sandbox.lockstep("render", "release", "--job", "web").expect(2).complains("--vm ROOT")
    try sandbox.lockstep("render", "release", "--job", "wbe", "--check").expect(2)
      .complains("no release job 'wbe'")
    try sandbox.lockstep("render", "vm").expect(2).complains("not a BOSH release")
  }

  @Test("What was put there by hand is not deleted")
  func foreign() throws {
    let sandbox = try Sandbox()
    let release = try release(sandbox, "bin/pre-start")
    try sandbox.write("vm/jobs/web/bin/pre-start", "#!/bin/sh\n")
    let before = FileTree.listing(sandbox["vm/jobs"])
    try release.render().expect(1).complains("vm/jobs/web", "did not make", "move it away")
    FileTree.expectUnchanged(sandbox["vm/jobs"], since: before)
  }

  @Test("Links out of the root are refused", arguments: ["jobs", "data", "sys"])
  func links(name: String) throws {
    let sandbox = try Sandbox()
    let release = try release(sandbox, "bin/pre-start")
    try sandbox.folder("elsewhere")
    try sandbox.folder("vm")
    try sandbox.link("vm/\(name)", to: sandbox["elsewhere"])
    try release.render().expect(1).complains("leads outside the VM's folder")
    #expect(FileTree.paths(sandbox["elsewhere"]) == [])
    #expect(!sandbox.exists("vm/jobs/web"))
  }

  @Test("An active run blocks rendering")
  func locked() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let gate = try sandbox.fifo("gate")
    let go = try sandbox.fifo("go")
    try vm.releaseJob("slow", ["pre-start": "echo here > '\(gate.path)'; read x < '\(go.path)'"])
    let running = try sandbox.start(["run", "bosh-start", "--vm", "vm"])
    _ = try gate.line()
    try release(sandbox, "bin/pre-start").render().expect(3).complains("is working on it")
    try go.release()
    _ = try running.finish()
  }

  @Test("Without Ruby, the package to install is named")
  func noRuby() throws {
    let sandbox = try Sandbox()
    try release(sandbox, "config/a").render(environment: ["PATH": sandbox.path]).expect(3)
      .complains("apt-get install ruby")
  }

  @Test("A template that never ends is killed with its processes, and named")
  func endless() throws {
    try withGrowingTimeout { timeout in
      let sandbox = try Sandbox()
      let text = "<% Dir.chdir('\(sandbox.path)') { system(': >begun; sleep 300') } %>"
      let finished = try release(sandbox, "config/a", text)
        .render(["--vm", "vm", "--timeout", timeout]).expect(1)
      finished.complains("did not finish within \(timeout)")
      sandbox.expectNoSurvivors()
      #expect(!sandbox.exists("vm/jobs/web"))
      guard sandbox.exists("begun") else { return false }
      finished.complains("jobs/web/templates/a.erb")
      return true
    }
  }

  @Test("A signal ends rendering", arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func signals(number: Int32, status: Int32) throws {
    let sandbox = try Sandbox()
    let gate = try sandbox.fifo("gate")
    let text = "<% Dir.chdir('\(sandbox.path)'); File.write('\(gate.path)', \"in\\n\"); sleep %>"
    _ = try release(sandbox, "config/a", text)
    try sandbox.folder("vm")
    let running = try sandbox.start(["render", "release", "--job", "web", "--vm", "vm"])
    #expect(try gate.line() == "in")
    try running.signal(number)
    try running.finish().expect(status)
    sandbox.expectNoSurvivors()
    #expect(!sandbox.exists("vm/jobs/web"))
  }

  @Test(
    "A template that ends Ruby is named",
    arguments: [
      ("<% exit!(7) %>", "exit status 7"), ("<% exit!(0) %>", "before it had finished"),
      ("<% Process.kill(:KILL, $$); sleep %>", "signal 9"),
      ("<% warn 'last words'; exit!(1) %>", "it says: last words"),
    ]
  )
  func crash(text: String, complaint: String) throws {
    let sandbox = try Sandbox()
    try release(sandbox, "config/a", text).render().expect(1)
      .complains("jobs/web/templates/a.erb", complaint)
    #expect(!sandbox.exists("vm/jobs/web"))
  }

  @Test("A template that uses too much memory is killed before the machine suffers")
  func memory() throws {
    let sandbox = try Sandbox()
    try release(sandbox, "config/a", "<% 'x' * (8 << 30) %>").render().expect(2)
      .complains("a.erb", "needs more memory than 4 GiB")
  }

  @Test("Bytes are kept as they are, and no foreign control character reaches the terminal")
  func bytes() throws {
    let sandbox = try Sandbox()
    let release = try release(
      sandbox,
      "config/a",
      "<%= \"\\xFF\\x00\\e[31mend 0\\n\".b * 100_000 %>"
    )
    try release.render().expect(0)
    let bytes = FileTree.bytes(sandbox["vm/jobs/web/config/a"])
    #expect(bytes?.count == 1_300_000)
    try release.template("a.erb", "<% raise \"\\e[31mred\\u009b\" %>")
    try release.render().expect(2).complains("red")
  }
}
