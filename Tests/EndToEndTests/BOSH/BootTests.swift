import Glibc
import Testing

/// What runs after a boot of the machine, which BOSH leaves to monit alone (BOSH 8).
@Suite("After a boot")
struct BootTests {
  private func vm(_ sandbox: Sandbox, _ body: String = "") throws -> TestVM {
    let vm = try sandbox.vm()
    try vm.releaseJob("web", ["pre-start": vm.note("ran") + "\n" + body, "post-start": "true"])
    return vm
  }

  private static let once = ["run", "bosh-start", "--vm", "vm", "--once-per-boot"]

  @Test("--once-per-boot: a run that succeeded since the boot is not repeated")
  func once() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(Self.once).finish().expect(0)
    try sandbox.start(Self.once).finish().expect(0)
      .prints("bosh-start has succeeded since this boot, as run 2", "nothing to do")
    #expect(vm.order == ["ran"])
    // Only who asks for it is spared.
    try sandbox.lockstep("run", "bosh-start", "--vm", "vm").expect(0)
    #expect(vm.order.count == 2)
  }

  @Test(
    "--once-per-boot: another run is no success of this one",
    arguments: [
      ["--only", "pre-start"], ["--skip", "pre-start"], ["--fact", "x=y"],
      ["--state", "other-state"],
    ]
  )
  func others(options: [String]) throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(["run", "bosh-start", "--vm", "vm"] + options).finish().expect(0)
    let before = vm.order.count
    try sandbox.start(Self.once).finish().expect(0)
    #expect(vm.order.count == before + 1)
  }

  @Test("--once-per-boot: neither is one that failed, or whose record is damaged")
  func failed() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox, "[ -e '\(sandbox["good"])' ]")
    try sandbox.write("p.plan", "plan p { phase a { script pre-start { timeout 1m } } }\n")
    let once = ["run", "p.plan", "--vm", "vm", "--once-per-boot"]
    try sandbox.start(once).finish().expect(1)
    try sandbox.write("good", "")
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 2)
    try sandbox.start(once).finish().expect(0).prints("nothing to do")
    // A success that cannot be read is none.
    let runs = sandbox["vm/data/lockstep/runs"]
    let newest = try #require(FileTree.names(runs).last)
    let journal = "vm/data/lockstep/runs/\(newest)/journal"
    var bytes = try #require(FileTree.bytes(sandbox[journal]))
    bytes[bytes.count / 2] ^= 1
    try sandbox.write(journal, bytes: bytes, mode: 0o600)
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 3)
    // A plan that is another one now has not run.
    try sandbox.write("p.plan", "plan p { phase a { script pre-start { timeout 2m } } }\n")
    try sandbox.start(once).finish().expect(0)
    #expect(vm.order.count == 4)
  }

  @Test(
    "BOSH 8: after a reboot it runs again",
    .enabled(if: Tool.isAllRequired || Tool.unshare.works("-m", "true"))
  )
  func reboot() throws {
    let sandbox = try Sandbox()
    let vm = try vm(sandbox)
    try sandbox.start(Self.once).finish().expect(0)
    try sandbox.write("boot", "0f0f0f0f-1234-4321-8888-abcdefabcdef\n")
    let inNextBoot =
      "mount --bind boot /proc/sys/kernel/random/boot_id && "
      + "'\(Lockstep.path)' run bosh-start --vm vm --once-per-boot"
    for count in [2, 2] {
      try RunningCommand(
        Tool.unshare.path,
        ["-m", "sh", "-c", inNextBoot],
        environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
        folder: sandbox.path
      ).finish().expect(0)
      #expect(vm.order.count == count)
    }
  }

  @Test("The unit is printed, written, enabled, found as it is, replaced and removed")
  func unit() throws {
    let sandbox = try Sandbox()
    _ = try vm(sandbox)
    try sandbox.folder("units")
    let install = ["install-boot", "bosh-start", "--vm", "vm", "--unit-dir", "units"]
    let printed = try sandbox.start(install + ["--print"]).finish().expect(0).out
    #expect(FileTree.names(sandbox["units"]) == [])
    try sandbox.start(install).finish().expect(0)
      .prints("ExecStart=", "wrote units/lockstep-bosh-start.service", "daemon-reload", "--remove")
    #expect(sandbox.text("units/lockstep-bosh-start.service") == printed)
    #expect(FileTree.mode(sandbox["units/lockstep-bosh-start.service"]) == "644")
    #expect(
      sandbox.text("units/multi-user.target.wants/lockstep-bosh-start.service") == printed
    )
    try sandbox.start(install).finish().expect(0).prints("found, as it is,")
    try sandbox.start(install + ["--quiet"]).finish().expect(0).prints("replaced units/")
    #expect(sandbox.text("units/lockstep-bosh-start.service")?.contains("--quiet") == true)
    try sandbox.start(install + ["--remove"]).finish().expect(0).prints("removed units/")
    #expect(FileTree.paths(sandbox["units"]) == ["multi-user.target.wants/"])
    try sandbox.start(install + ["--remove"]).finish().expect(0).prints("nothing to remove")
  }

  @Test("What the unit runs is what was asked for, in absolute paths")
  func commandLine() throws {
    let sandbox = try Sandbox()
    _ = try vm(sandbox)
    try sandbox.write(
      "my %n.plan",
      "plan p { param a param b secret phase x { script pre-start { env A = \"\\(a)\" timeout 1m } } }\n"
    )
    try sandbox.write("token", "t")
    let install = [
      "install-boot", "my %n.plan", "--print", "--vm", "vm", "--state", "st", "--set-file",
      "b=token", "--set", "a=50% of $HOME \"x\\y\"\n\u{7}é;", "--parallel", "3", "--quiet",
    ]
    let unit = try sandbox.start(install).finish().expect(0).out
    let line = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=") })
    let here = sandbox.path
    #expect(
      Self.words(line.dropFirst("ExecStart=".count)) == [
        Lockstep.path, "run", "\(here)/my %n.plan", "--vm", "\(here)/vm", "--set",
        "a=50% of $HOME \"x\\y\"\n\u{7}é;", "--set-file", "b=\(here)/token", "--parallel", "3",
        "--state", "\(here)/st", "--quiet", "--once-per-boot",
      ]
    )
  }

  /// A command line as systemd.syntax(7) and systemd.service(5) say that it is read.
  private static func words(_ line: Substring) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    var rest = line.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": (isQuoted, word) = (!isQuoted, word ?? "")
      case " " where !isQuoted:
        if let whole = word { words.append(whole) }
        word = nil
      case "\\":
        var value = rest.popFirst() ?? " "
        switch value {
        case "n": value = "\n"
        case "t": value = "\t"
        case "x":
          let digits = String(String.UnicodeScalarView(rest.prefix(2)))
          rest = rest.dropFirst(2)
          value = UInt8(digits, radix: 16).map { Unicode.Scalar($0) } ?? "?"
        default: break
        }
        word = (word ?? "") + String(value)
      case "%", "$":
        // Doubled it means itself; alone it would be put in.
        if rest.popFirst() != scalar { return ["\(scalar) alone"] }
        word = (word ?? "") + String(scalar)
      default: word = (word ?? "") + String(scalar)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  @Test(
    "systemd takes the unit",
    .enabled(if: Tool.isAllRequired || Tool.systemdAnalyze.works("--version"))
  )
  func verified() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("my vm $x %h \"q\"/jobs/web")
    try sandbox.write("p.plan", "plan p { param a phase x { script pre-start { timeout 1m } } }\n")
    try sandbox.folder("units")
    let install = [
      "install-boot", "p.plan", "--vm", "my vm $x %h \"q\"", "--unit-dir", "units", "--set",
      "a=50% of $HOME \"x\\y\"\n\u{7}é;",
    ]
    try sandbox.start(install).finish().expect(0)
    let verified = try RunningCommand(
      Tool.systemdAnalyze.path,
      ["verify", "--man=no", sandbox["units/lockstep-p.service"]],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      folder: sandbox.path
    ).finish().expect(0)
    #expect(!verified.err.contains("lockstep-p.service"), verified.shown)
  }

  @Test("What it did not write it neither replaces nor removes")
  func foreign() throws {
    let sandbox = try Sandbox()
    _ = try vm(sandbox)
    try sandbox.write("units/lockstep-bosh-start.service", "[Unit]\nDescription=mine\n")
    let install = ["install-boot", "bosh-start", "--vm", "vm", "--unit-dir", "units"]
    let before = FileTree.listing(sandbox["units"])
    for more in [[], ["--remove"]] {
      try sandbox.start(install + more).finish().expect(3).complains("did not write")
    }
    FileTree.expectUnchanged(sandbox["units"], since: before)
    unlink(sandbox["units/lockstep-bosh-start.service"])
    try sandbox.write("target", "kept\n")
    try sandbox.link("units/lockstep-bosh-start.service", to: sandbox["target"])
    try sandbox.start(install).finish().expect(3).complains("is a link")
    #expect(sandbox.text("target") == "kept\n")
  }

  @Test("A plan that is wrong, a secret, and a folder that is not there are told now")
  func mistakes() throws {
    let sandbox = try Sandbox()
    _ = try vm(sandbox)
    try sandbox.write("wrong.plan", "plan wrong {\n")
    try sandbox.write(
      "secret.plan",
      "plan s { param token secret phase x { script pre-start { env T = \"\\(token)\" timeout 1m } } }\n"
    )
    let more = ["--vm", "vm", "--unit-dir", "none"]
    try sandbox.start(["install-boot", "wrong.plan"] + more).finish().expect(2)
    try sandbox.start(["install-boot", "-"] + more).finish().expect(2)
    try sandbox.start(["install-boot", "secret.plan", "--set", "token=x"] + more).finish()
      .expect(2).complains("everybody can read the unit", "--set-file token=FILE")
    try sandbox.start(["install-boot", "bosh-start"] + more).finish().expect(3)
      .complains("--unit-dir")
  }
}
