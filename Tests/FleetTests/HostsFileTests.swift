import Fleet
import Foundation
import PlanLanguage
import TestSupport
import Testing

@Suite("Hosts files")
struct HostsFileTests {
  /// What is kept beside the tests; `LOCKSTEP_RECORD=1` writes it anew.
  @Test("show what they mean, or what is wrong", arguments: HostsCase.all + BoshCases.all)
  func shown(example: HostsCase) throws {
    let text = try example.shown()
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/hosts")
    let file = folder.appending(path: "\(example.name).txt")
    let kept = try? String(contentsOf: file, encoding: .utf8)
    if kept == text { return }
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded anew: \(example.name)")
    } else {
      Issue.record("\(example.name) shows\n\(text)\nand not\n\(kept ?? "")")
    }
  }

  private static let pages = DiagnosticCode.allCases.filter(\.isAboutHosts)
    .map { Explain.page(for: $0) }

  private func codes(_ text: String) -> Set<DiagnosticCode> {
    let hosts = HostsFile(SourceFile(name: "hosts", text: text))
    let found = hosts.resolve(instances: ["web/0", "web/1"])
    return Set((hosts.diagnostics + (hosts.hasErrors ? [] : found.diagnostics)).map(\.code))
  }

  @Test("the examples of 'explain' are what they say")
  func explained() {
    for page in Self.pages {
      if let wrong = page.wrong {
        let found = codes(wrong)
        #expect(found.subtracting([.missingHost]).union([page.code]) == [page.code])
        #expect(found.contains(page.code), "\(page.code)")
      }
      #expect(codes(page.right).isSubset(of: [.missingHost, .unusedHost]), "\(page.code)")
    }
  }

  @Test("files that are no text have one diagnostic")
  func noText() {
    func codes(_ bytes: [UInt8]) -> [DiagnosticCode] {
      HostsFile(SourceFile(id: FileID(0), name: "hosts", bytes: bytes)).diagnostics.map(\.code)
    }
    #expect(codes([0x77, 0xFF, 0x0A]) == [.hostsNotText])
    #expect(codes([0xFF, 0xFE, 0x77, 0x00]) == [.hostsNotText])
    #expect(codes([0x7F, 0x45, 0x4C, 0x46, 0, 0, 0]) == [.hostsNotText])
    #expect(codes(Array(repeating: 0x20, count: HostsFile.mostBytes + 1)) == [.hostsTooLarge])
    #expect(codes(Array(repeating: 0x20, count: HostsFile.mostBytes)) == [.emptyHosts])
  }

  @Test("a file of many lines takes linear time, and has a limited number of diagnostics")
  func many() {
    let count = 20_000
    let lines = (0..<count).map { "web/\($0)  root@web-\($0).example.org  vm=/var/vcap\n" }
    let hosts = HostsFile(SourceFile(name: "hosts", text: lines.joined()))
    #expect(hosts.diagnostics == [])
    let instances = (0..<count).map { "web/\($0)" }
    #expect(hosts.resolve(instances: instances).hosts.count == count)
    #expect(hosts.resolve(instances: ["web/0"]).diagnostics.count <= 20)
    let bad = HostsFile(
      SourceFile(name: "hosts", text: String(repeating: "web/0 -x\n", count: count))
    )
    #expect(bad.diagnostics.count == Diagnostic.limit)
  }

  @Test("nothing random crashes it, and every place is inside the file")
  func random() {
    var random = SeededRandom(seed: 14)
    let pieces = [
      "web/0", "web/*", "*", " ", "  ", "\n", "\r\n", "root@", "10.0.0.1", "[::1]", ":22", "vm=",
      "/var/vcap", "via=", "'", "\"", "\\", "{index}", "{", "}", "#", "=", "-", "é", "\u{FEFF}",
      "ssh://", "{\"Tables\":[{\"Rows\":[{\"instance\":\"web/a\"", ",\"ips\":\"1.2.3.4\"}]}]}",
      "\0",
    ]
    for _ in 0..<5_000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...14, using: &random) {
        text += pieces.randomElement(using: &random) ?? ""
      }
      let source = SourceFile(name: "hosts", text: text)
      let hosts = HostsFile(source, options: [text])
      let found = hosts.resolve(instances: ["web/0", "web/1"])
      let renderer = DiagnosticRenderer(sources: hosts.sources, color: false)
      for diagnostic in hosts.diagnostics + found.diagnostics {
        let span = diagnostic.location.span
        #expect(
          span.start <= span.end && Int(span.end) <= source.bytes.count,
          "\(text.debugDescription)"
        )
        #expect(!renderer.render(diagnostic).isEmpty)
      }
      for host in found.hosts {
        #expect(!host.address.hasPrefix("-") && host.user?.hasPrefix("-") != true)
        #expect(!host.address.isEmpty, "\(text.debugDescription)")
      }
    }
  }

  @Test("a fix removes its mistake", arguments: HostsCase.all)
  func fixes(example: HostsCase) {
    let before = HostsFile(SourceFile(name: "hosts", text: example.text))
    let all = before.diagnostics + before.resolve(instances: example.instances).diagnostics
    for diagnostic in all {
      guard let fix = diagnostic.fixIt else { continue }
      var bytes = Array(example.text.utf8)
      bytes.replaceSubrange(Int(fix.span.start)..<Int(fix.span.end), with: fix.replacement.utf8)
      let after = HostsFile(SourceFile(id: FileID(0), name: "hosts", bytes: bytes))
      let left = after.diagnostics + after.resolve(instances: example.instances).diagnostics
      func count(_ diagnostics: [Diagnostic]) -> Int {
        diagnostics.count { $0.message == diagnostic.message }
      }
      #expect(count(left) < count(all), "\(diagnostic.message)")
    }
  }

  @Test("an option that names a host is told from a folder")
  func options() {
    #expect(HostsFile.isHost(option: "web/0=ssh://h"))
    #expect(HostsFile.isHost(option: "ssh://h"))
    #expect(!HostsFile.isHost(option: "web/0=/var/vcap"))
    #expect(!HostsFile.isHost(option: "./ssh://h"))
    let hosts = HostsFile(nil, options: ["ssh://root@h:22/var/vcap"])
    #expect(hosts.diagnostics == [])
    let found = hosts.resolve(instances: ["vm/0"])
    #expect(found.hosts.map(\.shown) == ["root@h:22"] && found.isComplete)
    #expect(found.hosts.map(\.root) == ["/var/vcap"])
  }
}

@Suite("Commands of carriers")
struct CarrierCommandTests {
  private let host = ResolvedHost(
    instance: "web/0",
    user: nil,
    address: "a b;$(reboot)",
    port: 22,
    root: nil,
    via: nil,
    boshName: nil,
    location: Location(FileID(0), Span(0, 0)),
    addressLocation: Location(FileID(0), Span(0, 0))
  )

  @Test("are split as a shell does it, and a value stays in its word")
  func arguments() throws {
    let command = try CarrierCommand(
      #"docker exec -i '{host}' a\ b "c \"d\" \x" {port}{}{Index} ''"#
    )
    #expect(
      command.arguments(for: host) == [
        "docker", "exec", "-i", "a b;$(reboot)", "a b", #"c "d" \x"#, "22{}{Index}", "",
      ]
    )
    #expect(command.placeholders == [.host, .port])
  }

  @Test("have at least one word, closed quotes and known placeholders")
  func mistakes() {
    func mistake(_ text: String) -> CarrierCommand.Mistake? {
      do throws(CarrierCommand.Mistake) {
        _ = try CarrierCommand(text)
        return nil
      } catch {
        return error
      }
    }
    #expect(mistake("  ")?.message == "the command is empty")
    #expect(mistake("a 'b")?.range == 2..<4)
    #expect(mistake("ssh {hots}")?.meant == "{host}")
    #expect(mistake("ssh {hots}")?.range == 4..<10)
  }
}

@Suite("Carriers of a hosts file")
struct HostsCarrierTests {
  private func vectors(_ text: String, via: String? = nil) throws -> [[String]] {
    let hosts = HostsFile(
      SourceFile(name: "hosts", text: text),
      via: try via.map { try CarrierCommand($0) }
    )
    #expect(hosts.diagnostics == [])
    let found = hosts.resolve(instances: ["web/0", "web/1"])
    return found.hosts.map { Carrier(to: $0, shell: ["sh"]).vector }
  }

  @Test("name the host once")
  func once() throws {
    // Nobody can answer a question of any ssh.
    let batch = Carrier.sshOptions
    let lines = "web/0 root@h:22\nweb/1 i via='docker exec {host}'"
    #expect(
      try vectors(lines, via: "ssh -J j") == [
        ["ssh", "-J", "j"] + batch + ["-p", "22", "-l", "root", "--", "h", "sh"],
        ["docker", "exec", "i", "sh"],
      ]
    )
    #expect(
      try vectors("web/0 h", via: "ssh -o ConnectTimeout=5 {host}")
        == [["ssh", "-o", "ConnectTimeout=5"] + batch + ["h", "sh"]]
    )
    #expect(try vectors("web/0 h", via: "sudo -n") == [["sudo", "-n", "sh"]])
    #expect(try vectors("web/0 [::1]").first?.suffix(3) == ["--", "::1", "sh"])
  }
}
