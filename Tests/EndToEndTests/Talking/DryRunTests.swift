import Glibc
import TestSupport
import Testing

/// `lockstep dry-run` shows a plan and does nothing else.
@Suite(.waits) struct DryRunTests {
  private static let monit = """
    check process app
      with pidfile /var/vcap/sys/run/app/app.pid
      start program "/var/vcap/jobs/app/bin/ctl start"
      stop program "/var/vcap/jobs/app/bin/ctl stop"
      group vcap

    """

  private func vm(in sandbox: Sandbox) throws -> TestVM {
    let vm = try sandbox.vm()
    try vm.releaseJob(
      "app",
      [
        "pre-start": vm.note("ran"), "post-start": vm.note("ran"), "pre-stop": vm.note("ran"),
        "ctl": vm.note("ran"),
      ],
      monit: Self.monit
    )
    try vm.releaseJob("db", ["pre-start": vm.note("ran"), "post-deploy": vm.note("ran")])
    try vm.releaseJob("idle")
    return vm
  }

  @Test(arguments: ["bosh-start", "bosh-deploy", "bosh-stop"])
  func treeOfABundledPlanIsAsRecorded(plan: String) throws {
    let sandbox = try Sandbox()
    let vm = try vm(in: sandbox)
    let finished = try sandbox.lockstep("dry-run", plan, "--vm", "vm").expect(0)
    #expect(finished.err.isEmpty)
    try Golden.expect(sandbox.settled(finished.out), "dry-run-\(plan).txt")
    #expect(vm.order.isEmpty)
  }

  @Test func treeShowsEveryConstruct() throws {
    let sandbox = try Sandbox()
    for name in ["db0", "web0", "web1"] {
      let vm = try sandbox.vm(name)
      for releaseJob in name == "db0" ? ["postgres"] : ["nginx", "app"] {
        try vm.releaseJob(releaseJob, ["pre-start": "true", "post-start": "true"])
      }
    }
    try sandbox.write(
      "shop.plan",
      ##"""
      # A shop.
      # Its db comes first.
      plan shop {
        timeout 1h
        env SHOP = "corner \(street)"
        param street = "Main Street"
        param token secret = "hunter2"
        deployment-job db { release-jobs postgres }
        deployment-job web { release-jobs nginx, app  instances 2  after db }

        # Before anybody may do anything, everything has to be in its place, which takes a while to
        # say and more than one line of the terminal.
        phase pre-start { limit 2 script pre-start { retry 2 backoff 1s..10s only exit 75, signal } }
        barrier across deployment
        phase work per instance in web {
          optional
          parallel as both {
            timeout 5m
            run "tar c /var/vcap/store | gzip > /tmp/backup of everything.tar.gz && echo done" as left {
              env TOKEN = "\(token)"
              timeout 10s grace 2s
            }
            sequence {
              run ["/bin/echo", "two words", "it's", ""] { idempotent }
              run """
                for file in *; do
                  echo "$file"
                done
                """ as loop
              wait tcp "127.0.0.1:80" { every 2s timeout 1m }
            }
          }
          on failure { run "logger failed" }
          finally { run "rm -f /tmp/backup" }
        }
        rollout {
          canaries 1
          phase post-start in web { script post-start }
        }
      }
      """##
    )
    let finished = try sandbox.lockstep(
      "dry-run",
      "shop.plan",
      "--vm",
      "db=db0",
      "--vm",
      "web/0=web0",
      "--vm",
      "web/1=web1"
    )
    finished.expect(0)
    #expect(!finished.out.contains("hunter2"))
    try Golden.expect(sandbox.settled(finished.out), "dry-run-shop.txt")
  }

  @Test(arguments: ["bosh-deploy", "p.plan"])
  func dryRunChangesNothing(plan: String) throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    // Folders that a run would create.
    FileTree.remove(sandbox["vm/sys"])
    try sandbox.write("p.plan", "plan p { phase w per instance { run \"touch x\" } }")
    let before = FileTree.listing(sandbox.path)
    try sandbox.lockstep("dry-run", plan, "--vm", "vm").expect(0)
    FileTree.expectUnchanged(sandbox.path, since: before)
  }

  private static let straceWorks = Tool.strace.works("-f", "-o", "/dev/null", "/bin/true")

  @Test(
    .enabled(
      if: straceWorks || Tool.isAllRequired,
      "needs strace(1) and the right to trace: install it, or set LOCKSTEP_REQUIRE_ALL=1 to fail"
    ),
    arguments: [
      ["check", "bosh-deploy"], ["test", "bosh-deploy"],
      ["dry-run", "bosh-deploy", "--vm", "vm", "--details"],
      ["dry-run", "bosh-deploy", "--vm", "vm", "--times"],
      ["dry-run", "bosh-deploy", "--vm", "vm", "--what-if", "pre-start=fail"],
      ["dry-run", "bosh-deploy", "--vm", "vm", "--what-if", "all"],
    ]
      + ["tree", "json", "dot", "mermaid", "svg", "html"].map {
        ["dry-run", "bosh-deploy", "--vm", "vm", "--format", $0]
      }
  )
  func noSystemCallStartsOrWritesAnything(arguments: [String]) throws {
    try #require(Self.straceWorks, "strace does not work here")
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    let changing =
      "execve,execveat,fork,vfork,clone,clone3,open,openat,openat2,creat,mkdir,mkdirat,unlink,"
      + "unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,chmod,fchmod,fchmodat,"
      + "chown,fchown,fchownat,truncate,ftruncate,utimensat,mknod,mknodat,kill,socket,connect"
    let command = try RunningCommand(
      Tool.strace.path,
      ["-f", "-qq", "-o", sandbox["trace"], "-e", "trace=\(changing)", Lockstep.path] + arguments,
      environment: Lockstep.tracedEnvironment,
      folder: sandbox.path
    )
    try command.finish().expect(0)
    let calls = sandbox.lines("trace").filter { line in
      // The command's own start, and files that are only read.
      if line.contains(" execve(\"\(Lockstep.path)\"") { return false }
      if line.contains(" exited with ") { return false }
      let isOpening = line.contains(" open")
      let mayWrite = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].contains { line.contains($0) }
      return !isOpening || mayWrite
    }
    #expect(calls.isEmpty, "\(calls.joined(separator: "\n"))")
  }

  @Test func longPhaseIsShortenedUnlessAllIsGiven() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    for index in 100..<150 { try vm.releaseJob("job\(index)", ["pre-start": "true"]) }
    try sandbox.write("p.plan", "plan p { phase pre-start { script pre-start } }")
    let few = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm").expect(0)
    few.prints("phase pre-start of vm: 50 steps", "and 30 more; --all shows them")
    #expect(!few.out.contains("job149"))
    let all = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--all").expect(0)
    all.prints("job100", "job149")
  }

  /// A supervisor gives processes their environment, so a step of it takes no `env`.
  @Test func environmentIsShownOnlyForStepsWithAProcess() throws {
    let sandbox = try Sandbox()
    _ = try vm(in: sandbox)
    try sandbox.write(
      "p.plan",
      """
      plan p {
        env FOO = "bar"
        phase up per instance { start wait tcp "127.0.0.1:1" { timeout 1m } run "true" stop }
      }
      """
    )
    let shown = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm").expect(0)
    let steps = shown.out.split(separator: "\n").filter { $0.hasPrefix("  vm/0 ") }
    let variables = shown.out.split(separator: "\n").filter { $0.contains("FOO=bar") }
    #expect(steps.count == 4 && variables == ["    env       FOO=bar"], shown.shown)
  }

  @Test func drainScriptGetsTheStateThatIsShown() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["drain": "echo \"$BOSH_JOB_STATE\" >&2; echo 0"])
    let spec =
      #"{"persistent_disk":10240,"job":{"templates":[{"name":"app"}]},"#
      + #""rendered_templates_archive":{}}"#
    for (env, value) in [
      ("", #"{"persistent_disk":0}"#), ("env BOSH_JOB_STATE = \"own\"", "own"),
      ("", #"{"persistent_disk":10240}"#),
    ] {
      if value.contains("10240") { try sandbox.write("vm/bosh/spec.json", spec) }
      try sandbox.write("p.plan", "plan p { \(env) phase d { drain } }")
      let shown = env.isEmpty ? "'\(value)'" : value
      try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm").expect(0)
        .prints("    env       BOSH_JOB_STATE=\(shown)\n")
      try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(0)
      #expect(sandbox.lines("vm/sys/log/app/drain.stderr.log").last == value)
    }
    for (option, size) in [([], 10240), (["--set", "persistent-disk=5"], 5)] {
      let arguments = ["bosh-stop", "--vm", "vm"] + option
      try sandbox.start(["dry-run"] + arguments).finish().expect(0)
        .prints(#"BOSH_JOB_STATE='{"persistent_disk":\#(size)}'"#)
      try sandbox.start(["dry-run", "--format", "json"] + arguments).finish().expect(0)
        .prints(#"{\"persistent_disk\":\#(size)}"#)
      try sandbox.start(["run"] + arguments).finish().expect(0)
      #expect(
        sandbox.lines("vm/sys/log/app/drain.stderr.log").last == #"{"persistent_disk":\#(size)}"#
      )
    }
  }
}
