import TestSupport
import Testing

/// Which scripts of BOSH's lifecycle a director and a stemcell know, according to the bundled
/// plans.
@Suite(.waits) struct GateTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var plan: String
    var facts: [String]
    var set: [String] = []
    /// Scripts that run.
    var runs: [String]
    /// What is printed about one that does not run.
    var reason: String?

    init(
      _ plan: String,
      _ facts: [String],
      set: [String] = [],
      runs: [String],
      _ reason: String? = nil
    ) {
      self.plan = plan
      self.facts = facts
      self.set = set
      self.runs = runs
      self.reason = reason
    }

    var testDescription: String { "\(plan) \((facts + set).joined(separator: " "))" }
  }

  private static let trusty = "stemcell.os=ubuntu-trusty"
  private static let xenial = "stemcell.os=ubuntu-xenial"
  private static let all = ["pre-start", "post-start", "post-deploy"]

  private static let old =
    "when stemcell.os != \"ubuntu-trusty\" or stemcell.version >= 3125: stemcell.os is "
    + "ubuntu-trusty, stemcell.version is 3124"

  static let rows = [
    Row("bosh-deploy", [], runs: all),
    Row("bosh-deploy", ["director.version=280.1.5"], runs: all),
    Row("bosh-deploy", [trusty, "stemcell.version=3125"], runs: all),
    Row("bosh-deploy", [trusty, "stemcell.version=3124"], runs: [], old),
    Row("bosh-deploy", ["stemcell.os=centos-7", "stemcell.version=3124.9"], runs: []),
    Row("bosh-deploy", ["stemcell.os=ubuntu-jammy", "stemcell.version=1.1"], runs: all),
    Row("bosh-deploy", ["stemcell.version=1.1"], runs: all),
    Row("bosh-deploy", [trusty], runs: all),
    Row(
      "bosh-deploy",
      ["director.version=205"],
      runs: [],
      "when director.version >= 206: director.version is 205"
    ),
    Row("bosh-deploy", ["director.version=206"], runs: ["pre-start"]),
    Row("bosh-deploy", ["director.version=255.3"], runs: ["pre-start"]),
    Row("bosh-deploy", ["director.version=255.4"], runs: ["pre-start", "post-start"]),
    Row(
      "bosh-deploy",
      ["director.version=268.6.9"],
      runs: ["pre-start", "post-start"],
      "when enable-post-deploy == \"true\" or director.version >= 268.7: enable-post-deploy is "
        + "auto, director.version is 268.6.9"
    ),
    Row("bosh-deploy", ["director.version=268.7.0"], runs: all),
    Row("bosh-deploy", ["director.version=255.4"], set: ["enable-post-deploy=true"], runs: all),
    Row(
      "bosh-deploy",
      ["director.version=255.3"],
      set: ["enable-post-deploy=true"],
      runs: ["pre-start"]
    ),
    Row(
      "bosh-deploy",
      ["director.version=270"],
      set: ["enable-post-deploy=false"],
      runs: ["pre-start", "post-start"],
      "when enable-post-deploy == \"true\" or enable-post-deploy == \"auto\": enable-post-deploy "
        + "is false"
    ),
    Row("bosh-deploy", [], set: ["enable-post-deploy=no"], runs: ["pre-start", "post-start"]),
    Row("bosh-stop", [], runs: ["pre-stop", "post-stop"]),
    Row("bosh-stop", ["director.version=264"], runs: []),
    Row("bosh-stop", ["director.version=265"], runs: ["post-stop"]),
    Row("bosh-stop", ["director.version=268.9"], runs: ["post-stop"]),
    Row("bosh-stop", ["director.version=269.0.0"], runs: ["pre-stop", "post-stop"]),
    Row("bosh-stop", [xenial, "stemcell.version=314"], runs: ["post-stop"]),
    Row("bosh-stop", [xenial, "stemcell.version=315"], runs: ["pre-stop", "post-stop"]),
    Row("bosh-stop", [trusty, "stemcell.version=3586"], runs: ["post-stop"]),
    Row("bosh-stop", [trusty, "stemcell.version=3124"], runs: []),
    Row(
      "bosh-stop",
      ["stemcell.os=ubuntu-jammy", "stemcell.version=1"],
      runs: ["pre-stop", "post-stop"]
    ),
  ]

  @Test(
    "BOSH 9: with an older director or stemcell a script is skipped, with the reason",
    arguments: rows
  )
  func gates(_ row: Row) throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app")
    for script in Self.all + ["pre-stop", "post-stop"] {
      try vm.script("app", script, "#!/bin/sh\n\(vm.note(script))\n", mode: 0o755)
    }
    let given =
      row.facts.flatMap { ["--fact", $0] } + row.set.flatMap { ["--set", $0] } + ["--vm", "vm"]
    try sandbox.start(["run", row.plan] + given).finish().expect(0)
    #expect(vm.order == row.runs)
    if let reason = row.reason {
      let shown = try sandbox.start(["dry-run", row.plan] + given).finish().expect(0).out
      let words = shown.split { $0.isWhitespace }.joined(separator: " ")
      #expect(words.contains("skipped \(reason)"), "\(shown)")
    }
  }

  @Test func factsAreReadPerVM() throws {
    let sandbox = try Sandbox()
    for (name, version) in [("one", "1.2"), ("two", "1.3")] {
      let vm = try sandbox.vm(name)
      try vm.releaseJob("app", ["pre-start": vm.note("pre-start of \(name)")])
      try sandbox.write("\(name)/bosh/etc/stemcell_version", version)
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        deployment-job web { release-jobs app instances 2 }
        phase pre-start { when stemcell.version >= 1.3 script pre-start { timeout 1m } }
      }
      """
    )
    let vms = ["--vm", "web/0=one", "--vm", "web/1=two"]
    try sandbox.start(["run", "p.plan"] + vms).finish().expect(0)
    #expect(sandbox.lines("order") == ["pre-start of two"])
    try sandbox.start(["dry-run", "p.plan"] + vms).finish().expect(0).prints(
      "web/0/app skipped when stemcell.version >= 1.3: stemcell.version is 1.2"
    )
    try sandbox.start(["run", "p.plan", "--fact", "stemcell.version=1.3"] + vms).finish().expect(0)
    #expect(
      sandbox.lines("order").sorted()
        == ["pre-start of one", "pre-start of two", "pre-start of two"]
    )
  }

  @Test func factOfSeveralVMsMustBeTheSameOnAll() throws {
    let sandbox = try Sandbox()
    for (name, version) in [("one", "1.2"), ("two", "1.3"), ("db", "1.3")] {
      _ = try sandbox.vm(name)
      try sandbox.write("\(name)/bosh/etc/stemcell_version", version)
    }
    let vms = ["--vm", "web/0=one", "--vm", "web/1=two", "--vm", "db=db"]
    func plan(_ head: String) -> String {
      """
      plan p {
        deployment-job web { instances 2 }
        deployment-job db { }
        phase note \(head) { run "echo \\(stemcell.version)" as note { timeout 1m } }
      }
      """
    }
    for (head, words) in [
      ("per deployment-job", "phase 'note' is per deployment-job"),
      ("per deployment", "phase 'note' is per deployment"),
    ] {
      try sandbox.write("p.plan", plan(head))
      try sandbox.start(["run", "p.plan"] + vms).finish().expect(2).complains(
        "PLAN0405",
        "is not the same on all VMs: 1.3 on db, 1.2 on web/0, 1.3 on web/1",
        words
      )
    }
    try sandbox.write("p.plan", plan("per deployment-job in db"))
    try sandbox.start(["run", "p.plan"] + vms).finish().expect(0)
    #expect(sandbox.text("db/sys/log/lockstep/note.stdout.log") == "1.3\n")
  }
}
