import Glibc
import TestSupport
import Testing

/// Plans that cannot run.
///
/// Each is refused with the place, the mistake and exit status 2, and starts nothing.
@Suite(.waits) struct BadPlanTests {
  private static let commands = ["run", "dry-run", "check"]

  /// Gives a plan to each command, on a VM whose only pre-start would leave a trace.
  private func refuse(
    _ plan: String,
    _ texts: String...,
    commands: [String] = commands,
    location: SourceLocation = #_sourceLocation,
    prepare: (Sandbox) throws -> Void = { _ in }
  ) throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": vm.note("ran")])
    try prepare(sandbox)
    let before = FileTree.listing(vm.path)
    for command in commands {
      let machine = command == "check" ? [] : ["--vm", "vm"]
      let finished = try sandbox.start([command, plan] + machine).finish(location)
      finished.expect(2, location)
      finished.checkManners(location)
      if command != "check" { #expect(finished.out.isEmpty, sourceLocation: location) }
      for text in texts { finished.complains(text, at: location) }
    }
    FileTree.expectUnchanged(vm.path, since: before, location)
    #expect(vm.order.isEmpty, sourceLocation: location)
  }

  /// Writes a plan's text and gives it to each command.
  private func refuse(
    text: String,
    _ first: String,
    _ second: String = "",
    _ third: String = "",
    location: SourceLocation = #_sourceLocation
  ) throws {
    try refuse("p.plan", first, second, third, location: location) {
      try $0.write("p.plan", text)
    }
  }

  @Test func missingPlanIsRefused() throws {
    try refuse("missing.plan", "'missing.plan': no such file")
    try refuse("no/such/folder.plan", "'no/such/folder.plan': no such file")
  }

  @Test func mistypedBundledPlanNameIsRefused() throws {
    try refuse("bosh-deplyo", "'bosh-deplyo'", "did you mean the bundled plan 'bosh-deploy'?")
    try refuse(
      "frobnicate",
      "'frobnicate'",
      "bosh-deploy, bosh-errand, bosh-restart, bosh-start, bosh-stop"
    )
  }

  @Test func folderAsPlanIsRefused() throws {
    try refuse("plans", "'plans': it is a folder") { try $0.folder("plans") }
    try refuse(".", "'.': it is a folder")
  }

  @Test func pathThroughAFileIsRefused() throws {
    try refuse("file/p.plan", "'file/p.plan': a part of the path is not a folder") {
      try $0.write("file", "")
    }
  }

  @Test func circularLinkIsRefused() throws {
    try refuse("p.plan", "'p.plan': its links form a loop") {
      try $0.link("p.plan", to: "p.plan")
    }
  }

  @Test func emptyPlanNameIsRefused() throws { try refuse("", "the name of a plan is empty") }

  @Test func veryLongPlanNameIsRefused() throws {
    try refuse(String(repeating: "x", count: 5000), "the name is too long")
  }

  @Test func emptyFileIsRefused() throws {
    try refuse("p.plan", "PLAN0110", "p.plan:1:1", "plan NAME {") { try $0.write("p.plan", "") }
    try refuse("p.plan", "PLAN0110", "plan NAME {") { try $0.write("p.plan", "\n  # nothing\n") }
    try refuse("/dev/null", "PLAN0110", "plan NAME {")
  }

  @Test func binaryFileIsRefused() throws {
    try refuse("p.plan", "PLAN0101", "p.plan:1:5", "not a text file") {
      try $0.write("p.plan", bytes: Array("\u{7F}ELF".utf8) + [0, 1, 2, 0xFF, 0xFE, 0x1B, 0x5B])
    }
    try refuse("p.plan", "PLAN0101") { sandbox in
      var generator = SystemRandomNumberGenerator()
      let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try sandbox.write("p.plan", bytes: bytes)
    }
    try refuse("/bin/sh", "PLAN0101", "not a text file")
    // There is no end to it.
    try refuse("/dev/zero", "PLAN0101", "not a text file")
  }

  @Test(arguments: ["{", "phase x {", "parallel {", "plan p {", "(", "\"", "\\(", "[", "when not "])
  func hundredThousandRepetitionsAreRefused(word: String) throws {
    try refuse("p.plan", "p.plan:1:", commands: ["run"]) {
      try $0.write("p.plan", "plan p { phase a { " + String(repeating: word, count: 100_000))
    }
  }

  @Test func deepWellFormedNestingIsRefused() throws {
    let depth = 100_000
    let text =
      "plan p { phase a per instance { " + String(repeating: "parallel { ", count: depth)
      + "run \"true\"" + String(repeating: " }", count: depth) + " } }"
    try refuse("p.plan", "PLAN0108", "p.plan:1:", commands: ["run"]) {
      try $0.write("p.plan", text)
    }
  }

  @Test func unknownNamesInForAndInAreRefused() throws {
    let jobs = "deployment-job web { release-jobs nginx }"
    try refuse(
      text: "plan p { \(jobs) phase a for nginz { script pre-start } }",
      "PLAN0201: no release job 'nginz'",
      "p.plan:1:64",
      "write 'nginx'"
    )
    try refuse(
      text: "plan p { \(jobs) phase a in wep { script pre-start } }",
      "PLAN0202: no deployment job 'wep'",
      "p.plan:1:63",
      "write 'web'"
    )
  }

  @Test func cycleOfAfterIsRefused() throws {
    try refuse(
      text: """
        plan p {
          deployment-job a { release-jobs app after c }
          deployment-job b { release-jobs app after a }
          deployment-job c { release-jobs app after b }
          phase x { script pre-start }
        }
        """,
      "PLAN0501",
      "p.plan:2:"
    )
    try refuse(
      text: "plan p { deployment-job a { release-jobs app after a } phase x { script pre-start } }",
      "PLAN0501"
    )
  }

  @Test func clauseAfterAStatementIsRefused() throws {
    try refuse(
      text: """
        plan p {
          phase a per instance {
            run "sleep 1"
            timeout 30m
          }
        }
        """,
      "PLAN0109: 'timeout' comes after a statement",
      "p.plan:4:5",
      "write '{ timeout 30m }' after the step"
    )
  }

  @Test func planThatIncludesItselfIsRefused() throws {
    try refuse("a.plan", "PLAN0407", "a.plan:1:", "b.plan:1:") { sandbox in
      try sandbox.write("a.plan", "plan a { include \"b.plan\" }")
      try sandbox.write("b.plan", "plan b { include \"a.plan\" }")
    }
  }

  @Test func unreadableIncludeIsRefused() throws {
    try refuse("p.plan", "PLAN0406", "p.plan:1:18", "no such file") {
      try $0.write("p.plan", "plan p { include \"parts/missing.plan\" }")
    }
    try refuse("p.plan", "PLAN0406", "p.plan:1:18", "it is a folder") { sandbox in
      try sandbox.folder("parts")
      try sandbox.write("p.plan", "plan p { include \"parts\" }")
    }
  }

  @Test func mistakeInAnIncludedPlanIsShownInThatFile() throws {
    try refuse("p.plan", "PLAN0106", "parts/bad.plan:2:3") { sandbox in
      try sandbox.write("p.plan", "plan p { include \"parts/bad.plan\" }")
      try sandbox.write("parts/bad.plan", "plan bad {\n  fase x { script pre-start }\n}\n")
    }
  }

  @Test func paramWithoutAValueIsRefused() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "p.plan",
      #"plan p { param who phase a per instance { run ["touch", "\(who)"] } }"#
    )
    // `check` looks at the plan alone, so for it this is not a mistake.
    for command in ["run", "dry-run"] {
      try sandbox.lockstep(command, "p.plan", "--vm", vm.name).expect(2)
        .complains("error PLAN0402: param 'who' needs a value", "p.plan:1:16", "--set who=VALUE")
    }
  }

  private static let setprivWorks =
    geteuid() != 0 || Tool.setpriv.works("--reuid=65534", "--clear-groups", "/bin/true")

  @Test(
    .enabled(
      if: setprivWorks || Tool.isAllRequired,
      "as root it needs setpriv(1) to be somebody who may not read everything"
    )
  )
  func unreadablePlanIsRefused() throws {
    try #require(Self.setprivWorks, "setpriv does not work here")
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": vm.note("ran")])
    try sandbox.write("p.plan", "plan p { phase a { script pre-start } }", mode: 0)
    // The built command may be in a folder that only its owner can enter.
    let own = sandbox["lockstep"]
    let copy = try RunningCommand(
      "/bin/cp",
      [Lockstep.path, own],
      environment: [:],
      folder: sandbox.path
    )
    try copy.finish().expect(0)
    let arguments = [own, "run", "p.plan", "--vm", "vm"]
    let asSomebody = ["--reuid=65534", "--regid=65534", "--clear-groups"] + arguments
    let command = try RunningCommand(
      geteuid() == 0 ? Tool.setpriv.path : own,
      geteuid() == 0 ? asSomebody : Array(arguments.dropFirst()),
      environment: Lockstep.environment,
      folder: sandbox.path
    )
    let finished = try command.finish().expect(2)
    finished.complains("'p.plan': permission denied")
    finished.checkManners()
    #expect(vm.order.isEmpty)
  }
}
