import Foundation
import TestSupport
import Testing

/// Executes the README's example of a machine with systemd.
///
/// `LOCKSTEP_RECORD=1` records what is printed now; that run still fails.
@Suite(
  "Under a living systemd: the README",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct ReadmeTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "README.md")

  /// The migration fails while a certain folder fills the disk.
  private static let migrate = """
    #!/bin/sh
    [ ! -e /srv/shop/old ] || { echo 'migrate: /srv/shop: no space left' >&2; exit 1; }

    """

  /// The indices of the lines inside the first fence that begins with this text.
  private func fence(_ mark: String, in lines: [String]) throws -> Range<Int> {
    let start = try #require(lines.firstIndex(of: mark)) + 1
    return start..<(try #require(lines[start...].firstIndex(of: "```")))
  }

  /// The indices of each command and of what it prints.
  private func blocks(_ range: Range<Int>, in lines: [String]) -> [Range<Int>] {
    let starts = range.filter { lines[$0].hasPrefix("$ ") }
    return zip(starts, starts.dropFirst() + [range.upperBound]).map { $0..<$1 }
  }

  /// Times and the order of parallel steps may differ.
  private func comparable(_ lines: some Sequence<String>) -> [String] {
    lines.filter { !$0.isEmpty }.map {
      $0.replacing(#/\d\d:\d\d:\d\d/#, with: "hh:mm:ss").replacing(#/\d+\.\ds/#, with: "s")
    }.sorted()
  }

  @Test("The plan of units runs, fails and is resumed, and prints what is shown")
  func commands() throws {
    var lines = try String(contentsOf: Self.file, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let plan = lines[try fence("```plan shop.plan", in: lines)].joined(separator: "\n") + "\n"
    let machine = try LivingSystemd()
    try machine.write("/root/shop.plan", plan)
    try machine.write("/srv/shop/old/data", "")
    try machine.write("/opt/shop/bin/migrate", Self.migrate)
    for name in ["backup", "fetch", "page"] {
      try machine.write("/opt/shop/bin/\(name)", "#!/bin/sh\n")
    }
    try machine.unit("shop.service", "[Service]\nExecStart=/usr/bin/sleep infinity\n")
    try machine.unit(
      "nginx.service",
      "[Service]\nExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 80\n"
    )
    try machine.shell("systemctl daemon-reload && systemctl start nginx shop")

    let folder = "cd /root && PATH=\(LivingSystemd.lockstepPath.dropLast("/lockstep".count)):$PATH"
    var replacements: [(Range<Int>, [String])] = []
    for block in blocks(try fence("```console systemd", in: lines), in: lines) {
      let command = lines[block.lowerBound].dropFirst(2).replacing("sudo ", with: "")
      var printed = try machine.shell("\(folder); \(command) 2>&1 || :")
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      while printed.last == "" { printed.removeLast() }
      printed.insert(lines[block.lowerBound], at: 0)
      if comparable(lines[block]) == comparable(printed) { continue }
      replacements.append((block, printed))
      Issue.record("'\(command)' prints\n\(printed.joined(separator: "\n"))")
    }
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1", !replacements.isEmpty {
      for (block, printed) in replacements.reversed() {
        lines.replaceSubrange(block, with: printed)
      }
      try Data(lines.joined(separator: "\n").utf8).write(to: Self.file)
    }
  }
}
