import Glibc
import TestSupport
import Testing

/// The formats of `lockstep dry-run` that other programs read or draw.
@Suite(.waits) struct DryRunFormTests {
  private static let plan = ##"""
    plan "shop" {
      param token secret = "hunter2"
      deployment-job db { release-jobs postgres }
      deployment-job web { release-jobs nginx, app  instances 2  after db }
      phase pre-start { script pre-start { retry 2 timeout 1m } }
      barrier across deployment
      phase work per instance in web {
        parallel as both {
          timeout 5m
          run "echo '<b>&\"%%]]>'; true" as left { env TOKEN = "\(token)" timeout 10s }
          run ["/bin/echo", "two words"] as right { timeout 10s when exists "some/file" }
        }
        on failure { run "logger failed" { timeout 1s } }
      }
      rollout { canaries 1 phase post-start in web { script post-start { timeout 1m } } }
    }
    """##

  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    for name in ["db0", "web0", "web1"] {
      let vm = try sandbox.vm(name)
      for releaseJob in name == "db0" ? ["postgres"] : ["nginx", "app"] {
        try vm.releaseJob(releaseJob, ["pre-start": "true", "post-start": "true"])
      }
    }
    try sandbox.write("shop.plan", Self.plan.replacing("plan \"shop\"", with: "plan shop"))
    return sandbox
  }

  private func form(_ form: String, _ sandbox: Sandbox) throws -> FinishedCommand {
    let running = try sandbox.start([
      "dry-run", "shop.plan", "--vm", "db=db0", "--vm", "web/0=web0", "--vm", "web/1=web1",
      "--format", form,
    ])
    let finished = try running.finish()
    finished.expect(0)
    #expect(!finished.out.contains("hunter2"), "a secret is shown")
    return finished
  }

  @Test(arguments: ["json", "dot", "mermaid", "svg"])
  func formatIsAsRecorded(_ form: String) throws {
    let sandbox = try sandbox()
    let text = try self.form(form, sandbox).out
    try Golden.expect(sandbox.settled(text), "dry-run-shop.\(form)")
  }

  @Test func graphvizAcceptsTheGraph() throws {
    try #require(Tool.dot.works("-V") || !Tool.isAllRequired, "needs dot(1) of graphviz")
    if !Tool.dot.works("-V") { return }
    let sandbox = try sandbox()
    try sandbox.write("shop.dot", try form("dot", sandbox).out)
    let dot = try RunningCommand(
      Tool.dot.path,
      ["-Tplain", sandbox["shop.dot"]],
      environment: Lockstep.environment,
      folder: sandbox.path
    )
    let drawn = try dot.finish().expect(0)
    #expect(drawn.err.isEmpty)
    #expect(drawn.out.split(separator: "\n").count { $0.hasPrefix("node ") } >= 13)
  }

  @Test func runIsShownOnThePlan() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": "exit 7"])
    let plan =
      "plan p { phase a { script pre-start } phase b per instance { run \"true\" } "
      + "phase c per instance { run \"true\" on failure { run \"true\" as tell } } }"
    try sandbox.write("p.plan", plan)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm").expect(1)
    let before = FileTree.listing(sandbox.path)
    let tree = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--overlay", "last")
    tree.expect(0).prints("recorded  failed", "exit status 7", "recorded  not started")
    // Neither a blocked step nor a handler that was not entered is running.
    let overlaid = ["dry-run", "p.plan", "--vm", "vm", "--overlay", "last", "--format", "mermaid"]
    let chart = try sandbox.start(overlaid).finish().expect(0)
    #expect(chart.out.contains("tell<br/>not started\"):::blocked"), "\(chart.out)")
    #expect(!chart.out.contains(":::running"))
    FileTree.expectUnchanged(sandbox.path, since: before)
    try sandbox.write("p.plan", plan.replacing("phase b", with: "phase d"))
    let changed = try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--overlay", "last")
    changed.expect(0).prints("this shows what the run had", "phase b")
    #expect(changed.err.contains("had another plan"), changed.shown)
    #expect(!changed.out.contains("phase d"), changed.shown)
    try sandbox.lockstep("dry-run", "p.plan", "--vm", "vm", "--overlay", "2099")
      .expect(2).complains("2099")
  }

  @Test func runIsShownWithItsOwnValues() throws {
    let sandbox = try Sandbox()
    try sandbox.vm().releaseJob("app")
    try sandbox.write(
      "p.plan",
      """
      plan p {
        param colour = "red"
        param token secret
        phase a per instance { env TOKEN = "\\(token)" run "echo \\(colour)" as say }
        phase b per instance { run "true" as rest }
      }
      """
    )
    try sandbox.lockstep(
      "run",
      "p.plan",
      "--vm",
      "vm",
      "--set",
      "colour=blue",
      "--set",
      "token=hush",
      "--only",
      "say"
    ).expect(0)
    let overlay = ["dry-run", "p.plan", "--vm", "vm", "--overlay", "last", "--set", "token=other"]
    let shown = try sandbox.start(overlay + ["--set", "colour=green", "--details"]).finish()
    shown.expect(0).prints("echo blue", "left out on the command line")
    #expect(shown.err.contains("had the param colour = 'blue', not 'green'"), shown.shown)
    for word in ["green", "echo red", "hush", "other"] {
      #expect(!shown.out.contains(word), shown.shown)
    }
    // Also without naming the run.
    let same = try sandbox.start(overlay).finish().expect(0)
    #expect(same.out.contains("echo blue") && same.err.isEmpty, same.shown)
  }
}
