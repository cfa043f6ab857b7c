import Glibc
import TestSupport
import Testing

/// The unit that runs a plan after a boot.
@Suite("install-boot", .waits)
struct InstallBootTests {
  private func vm(_ sandbox: Sandbox) throws {
    try sandbox.vm().releaseJob("web", ["pre-start": "true", "post-start": "true"])
  }

  /// The name of the unit of `bosh-start`, or of another plan, on a folder of the sandbox.
  private func unit(
    _ sandbox: Sandbox,
    _ plan: String = "bosh-start",
    on folder: String = "vm"
  ) -> String {
    let path = sandbox[folder].dropFirst().utf8.reduce(into: "") { name, byte in
      let scalar = Unicode.Scalar(byte)
      switch scalar {
      case "/": name += "-"
      case "a"..."z", "A"..."Z", "0"..."9", ":", "_", ".": name.unicodeScalars.append(scalar)
      default: name += "\\x" + String(byte, radix: 16)
      }
    }
    return "lockstep-\(plan)@\(path).service"
  }

  @Test("The unit is printed, written, enabled, found unchanged, replaced and removed")
  func unit() throws {
    let sandbox = try Sandbox()
    try vm(sandbox)
    try sandbox.folder("units")
    let name = unit(sandbox)
    let install = ["install-boot", "bosh-start", "--vm", "vm", "--unit-dir", "units"]
    let printed = try sandbox.start(install + ["--print"]).finish().expect(0).out
    #expect(FileTree.names(sandbox["units"]) == [])
    try sandbox.start(install).finish().expect(0)
      .prints("ExecStart=", "wrote units/\(name)", "daemon-reload", "--remove --vm")
    #expect(sandbox.text("units/\(name)") == printed)
    #expect(FileTree.mode(sandbox["units/\(name)"]) == "644")
    #expect(
      sandbox.text("units/multi-user.target.wants/\(name)") == printed
    )
    try sandbox.start(install).finish().expect(0).prints("unchanged:")
    try sandbox.start(install + ["--quiet"]).finish().expect(0).prints("replaced units/")
    #expect(sandbox.text("units/\(name)")?.contains("--quiet") == true)
    try sandbox.start(install + ["--remove"]).finish().expect(0).prints("removed units/")
    #expect(FileTree.paths(sandbox["units"]) == ["multi-user.target.wants/"])
    try sandbox.start(install + ["--remove"]).finish().expect(0).prints("nothing to remove")
  }

  @Test("Each folder has its own unit, which can be removed even when the folder is gone")
  func folders() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("units")
    let folders = ["one", "an other-%"]
    for folder in folders {
      try sandbox.folder("\(folder)/jobs")
      try sandbox.start(["install-boot", "bosh-start", "--vm", folder, "--unit-dir", "units"])
        .finish().expect(0)
    }
    let names = folders.map { unit(sandbox, on: $0) }
    #expect(
      FileTree.names(sandbox["units"]) == (names + ["multi-user.target.wants"]).sorted()
    )
    #expect(sandbox.text("units/\(names[0])")?.contains("--vm \(sandbox["one"]) ") == true)
    let remove = ["install-boot", "bosh-start", "--remove", "--unit-dir", "units"]
    try sandbox.start(remove).finish().expect(0)
      .prints("there is no units/lockstep-bosh-start.service", "\n  \(names[0])\n")
    rmdir(sandbox["one/jobs"])
    rmdir(sandbox["one"])
    try sandbox.start(remove + ["--vm", "one/"]).finish().expect(0).prints("removed units/")
    #expect(FileTree.names(sandbox["units"]) == [names[1], "multi-user.target.wants"].sorted())
  }

  @Test(
    "The folder of a BOSH VM has a unit without an instance",
    .enabled(if: Tool.isAllRequired || Tool.unshare.works("-m", "true"))
  )
  func usualFolder() throws {
    let sandbox = try Sandbox()
    try vm(sandbox)
    try sandbox.folder("units")
    let install =
      "mount -t tmpfs none /var && mkdir -p /var/vcap/jobs && "
      + "'\(Lockstep.path)' install-boot bosh-start --unit-dir \(sandbox["units"])"
    for (more, names) in [
      ("", ["lockstep-bosh-start.service", "multi-user.target.wants"]),
      (" --remove", ["multi-user.target.wants"]),
    ] {
      try RunningCommand(
        Tool.unshare.path,
        ["-m", "sh", "-c", install + more],
        environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
        folder: "/"
      ).finish().expect(0)
      #expect(FileTree.names(sandbox["units"]) == names)
    }
  }

  @Test("The unit runs what was asked for, with absolute paths")
  func commandLine() throws {
    let sandbox = try Sandbox()
    try vm(sandbox)
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

  /// A command line, read as systemd.syntax(7) and systemd.service(5) say.
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
        // Doubled, it stands for itself; alone, it would be expanded.
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
    let name = unit(sandbox, "p", on: "my vm $x %h \"q\"")
    let verified = try RunningCommand(
      Tool.systemdAnalyze.path,
      ["verify", "--man=no", sandbox["units/\(name)"]],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      folder: sandbox.path
    ).finish().expect(0)
    #expect(!verified.err.contains("lockstep-p@"), verified.shown)
  }

  @Test("It neither replaces nor removes units that it did not write")
  func foreign() throws {
    let sandbox = try Sandbox()
    try vm(sandbox)
    let name = unit(sandbox)
    try sandbox.write("units/\(name)", "[Unit]\nDescription=mine\n")
    let install = ["install-boot", "bosh-start", "--vm", "vm", "--unit-dir", "units"]
    let before = FileTree.listing(sandbox["units"])
    for more in [[], ["--remove"]] {
      try sandbox.start(install + more).finish().expect(3).complains("did not write")
    }
    FileTree.expectUnchanged(sandbox["units"], since: before)
    unlink(sandbox["units/\(name)"])
    try sandbox.write("target", "kept\n")
    try sandbox.link("units/\(name)", to: sandbox["target"])
    try sandbox.start(install).finish().expect(3).complains("is a link")
    #expect(sandbox.text("target") == "kept\n")
  }

  @Test("A wrong plan, a secret and a missing folder are reported at once")
  func mistakes() throws {
    let sandbox = try Sandbox()
    try vm(sandbox)
    try sandbox.write("wrong.plan", "plan wrong {\n")
    try sandbox.write(
      "secret.plan",
      "plan s { param token secret phase x { script pre-start { env T = \"\\(token)\" timeout 1m } } }\n"
    )
    let more = ["--vm", "vm", "--unit-dir", "none"]
    try sandbox.start(["install-boot", "wrong.plan"] + more).finish().expect(2)
    try sandbox.start(["install-boot", "-"] + more).finish().expect(2)
    try sandbox.start(["install-boot", "secret.plan", "--set", "token=x"] + more).finish()
      .expect(2).complains("everyone can read the unit", "--set-file token=FILE")
    try sandbox.start(["install-boot", "bosh-start"] + more).finish().expect(3)
      .complains("--unit-dir")
  }
}
