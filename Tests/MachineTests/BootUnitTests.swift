import Testing
@testable import VM

/// How units are named.
@Suite struct BootUnitTests {
  /// What systemd-escape(1) prints with `--path`.
  @Test(arguments: [
    ("/", "-"), ("/var/vcap", "var-vcap"), ("//srv///x/", "srv-x"), ("/a b", "a\\x20b"),
    ("/a-b", "a\\x2db"), ("/.a/.b", "\\x2ea-.b"), ("/é%\n", "\\xc3\\xa9\\x25\\x0a"),
    ("/a:b_c.d/1", "a:b_c.d-1"),
  ])
  func pathsAreEscaped(path: String, escaped: String) {
    #expect(UnitText.escaped(path: path) == escaped)
  }

  @Test func noTwoChoicesOfFoldersHaveOneName() {
    let long = String(repeating: "/folder", count: 40)
    let choices: [[String]] = [
      [], ["/a"], ["/b"], ["/a/b"], ["/a-b"], ["/a", "/b"], ["/a:/b"], [long], [long + "x"],
    ]
    let names = choices.map { BootUnit.name(plan: "site", folders: $0) }
    #expect(Set(names).count == choices.count)
    #expect(names.allSatisfy { $0.utf8.count <= 240 && $0.hasPrefix("lockstep-site") })
    #expect(BootUnit.name(plan: "site", folders: ["/b", "/a", "/b"]) == names[5])
    #expect(names[0] == "lockstep-site.service" && names[1] == "lockstep-site@a.service")
  }

  @Test func theShutdownUnitIsNamedAfterTheBootUnit() {
    let names = [[], ["/a"], ["/a", "/b"]].map { BootUnit.name(plan: "site.x", folders: $0) }
    let down = names.map { BootUnit.shutdownName(of: $0) }
    #expect(down[0] == "lockstep-site.x:shutdown.service")
    #expect(down[1] == "lockstep-site.x:shutdown@a.service")
    #expect(Set(down).count == 3)
    #expect(down.allSatisfy { $0.contains(":") && $0.hasSuffix(".service") })
    #expect(!BootUnit.name(plan: "site:shutdown", folders: []).contains(":"))
  }

  @Test func aPlanAndAFolderAreNotConfused() {
    #expect(
      BootUnit.name(plan: "a@b", folders: []) != BootUnit.name(plan: "a", folders: ["/b"])
    )
  }
}
