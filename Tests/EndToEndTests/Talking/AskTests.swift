import Glibc
import TestSupport
import Testing

/// `dry-run --ask`: the only request that a dry-run may make.
@Suite(.waits) struct AskTests {
  private static let monitWorks = Tool.monit.works("-V")
  private static let straceWorks = Tool.strace.works("-f", "-o", "/dev/null", "/bin/true")

  private static let watched = """
    check process app
      with pidfile sys/run/app.pid
      start program "jobs/app/bin/pre-start"
      stop program "jobs/app/bin/pre-start"

    """

  private func sandbox() throws -> (Sandbox, TestVM) {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": "true"], monit: Self.watched)
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    return (sandbox, vm)
  }

  private func ask(_ controlFile: String, _ more: String...) -> [String] {
    ["dry-run", "p.plan", "--vm", "vm", "--ask", "--supervisor", "monit=\(controlFile)"] + more
  }

  @Test(.enabled(if: monitWorks || Tool.isAllRequired, "needs monit(1)"))
  func realMonitReportsItsProcesses() throws {
    try #require(Self.monitWorks, "monit does not work here")
    let (sandbox, vm) = try sandbox()
    let monit = try RealMonit(vm)
    let tree = try sandbox.start(ask(monit.controlFile)).finish().expect(0)
    tree.prints("monit 5", "at 127.0.0.1:", ", now:", "  app ")
    let json = try sandbox.start(ask(monit.controlFile, "--format", "json")).finish().expect(0)
    for text in ["\"supervisors\":", "\"name\":\"app\"", "\"running\":false"] {
      #expect(json.out.contains(text), "no \(text) in \(json.out)")
    }
  }

  @Test(
    .enabled(if: monitWorks && straceWorks || Tool.isAllRequired, "needs monit(1) and strace(1)")
  )
  func onlyOneSocketIsOpenedAndNothingChanges() throws {
    try #require(Self.monitWorks && Self.straceWorks, "monit or strace do not work here")
    let (sandbox, vm) = try sandbox()
    let monit = try RealMonit(vm)
    let command = try RunningCommand(
      Tool.strace.path,
      [
        "-f", "-qq", "-o", sandbox["trace"], "-e",
        "trace=%process,%network,open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,"
          + "renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,chown,fchown,"
          + "fchownat,truncate,ftruncate,utimensat,mknod,mknodat,kill",
        Lockstep.path,
      ] + ask(monit.controlFile),
      environment: Lockstep.tracedEnvironment,
      folder: sandbox.path
    )
    try command.finish().expect(0).prints("monit 5")
    let calls = sandbox.lines("trace").compactMap { line -> Substring? in
      // Process numbers are padded.
      line.split(separator: " ", maxSplits: 1).last?.drop { $0 == " " }
    }
    #expect(calls.count { $0.hasPrefix("socket(") } == 1, "\(calls)")
    let connections = calls.filter { $0.hasPrefix("connect(") }
    #expect(connections.count == 1 && connections[0].contains("127.0.0.1"), "\(connections)")
    for call in calls {
      for start in ["fork(", "vfork(", "clone(", "clone3(", "kill(", "bind(", "listen("] {
        #expect(!call.hasPrefix(start), "\(call)")
      }
      if call.hasPrefix("execve(") { #expect(call.contains(Lockstep.path)) }
      let mayWrite = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].contains { call.contains($0) }
      #expect(!mayWrite, "\(call)")
      for change in ["mkdir", "unlink", "rename", "link", "symlink", "chmod", "fch", "trunc"] {
        #expect(!call.hasPrefix(change), "\(call)")
      }
    }
  }

  @Test("A supervisor without state is refused only with --ask")
  func supervisorWithoutStateIsRefused() throws {
    let (sandbox, vm) = try sandbox()
    try sandbox.write("up.plan", "plan up { phase up { start { timeout 1m } } }")
    try sandbox.write("vm/jobs/app/systemd", "app.service\n")
    let look = ["dry-run", "up.plan", "--vm", "vm", "--supervisor"]
    for who in ["ctl", "systemd", "systemd=/bin/false"] {
      try sandbox.start(look + [who, "--ask"]).finish().expect(2).complains("omit '--ask'")
    }
    try sandbox.start(look + ["systemd=/bin/false"]).finish().expect(0)
      .prints("systemctl start of app.service")
    try sandbox.start(look + ["nobody"]).finish().expect(2).complains("not 'nobody'")
    if access("/run/systemd/system", F_OK) != 0 {
      for (command, status) in [("dry-run", 2), ("run", 3)] {
        try sandbox.start([command] + look.dropFirst() + ["systemd"]).finish()
          .expect(Int32(status)).complains("systemd did not boot this machine")
      }
    }
    #expect(!FileTree.names(vm.path).contains("monit"), "nothing was started")
  }

  @Test func unreachableMonitIsReported() throws {
    let (sandbox, vm) = try sandbox()
    let before = FileTree.listing(vm.path)
    // Nothing listens on the discard port.
    let control = try sandbox.write(
      "monitrc",
      "set httpd port 9 and use address 127.0.0.1 allow a:b\n",
      mode: 0o600
    )
    let tree = try sandbox.start(ask(control)).finish()
    // The plan is shown all the same. A missing answer does not fail a dry-run.
    tree.expect(0).prints("127.0.0.1:9", "phase pre-start")
    #expect(tree.out.contains("refused") || tree.out.contains("answer"), tree.shown)
    let json = try sandbox.start(ask(control, "--format", "json")).finish().expect(0)
    #expect(!json.out.contains("\"problem\":null"), json.shown)
    FileTree.expectUnchanged(vm.path, since: before)
  }
}
