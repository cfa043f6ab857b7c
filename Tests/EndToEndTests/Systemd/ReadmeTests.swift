import Foundation
import Testing

/// What the README shows of a machine with systemd, which other pages' examples do not need.
///
/// `LOCKSTEP_RECORD=1` puts in what is printed now; that run still fails.
@Suite(
  "Under a living systemd: the README",
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct ReadmeTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "README.md")

  /// The lines between the marks of the first fence that begins so, and the index of the first.
  private func fence(_ mark: String, in lines: [String]) throws -> Range<Int> {
    let start = try #require(lines.firstIndex(of: mark)) + 1
    return start..<(try #require(lines[start...].firstIndex(of: "```")))
  }

  /// Times of day and measured times may differ.
  private func withoutTimes(_ line: String) -> String {
    line.replacing(#/\d\d:\d\d:\d\d/#, with: "hh:mm:ss").replacing(#/\d+\.\ds/#, with: "s")
  }

  @Test("The plan of units runs, and prints what is shown")
  func commands() throws {
    var lines = try String(contentsOf: Self.file, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let plan = lines[try fence("```plan shop.plan", in: lines)].joined(separator: "\n") + "\n"
    let machine = try LivingSystemd()
    try machine.write("/root/shop.plan", plan)
    try machine.write("/opt/shop/bin/migrate", "#!/bin/sh\necho migrated\n")
    try machine.unit("shop.service", "[Service]\nExecStart=/usr/bin/sleep infinity\n")
    try machine.unit(
      "nginx.service",
      "[Service]\nExecStart=/usr/bin/python3 -m http.server --bind 127.0.0.1 80\n"
    )
    try machine.shell("systemctl daemon-reload && systemctl start nginx shop")

    let range = try fence("```console systemd", in: lines)
    var printed: [String] = []
    for command in lines[range] where command.hasPrefix("$ ") {
      let words = command.dropFirst(2).replacing("sudo ", with: "")
      let folder =
        "cd /root && PATH=\(LivingSystemd.lockstepPath.dropLast("/lockstep".count)):$PATH"
      var output = try machine.shell("\(folder) && \(words)").split(
        separator: "\n",
        omittingEmptySubsequences: false
      ).map(String.init)
      while output.last == "" { output.removeLast() }
      printed += [command] + output
    }
    let shown = Array(lines[range])
    if shown.map(withoutTimes) == printed.map(withoutTimes) { return }
    Issue.record("the README shows\n\(shown)\nand this is printed\n\(printed)")
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      lines.replaceSubrange(range, with: printed)
      try Data(lines.joined(separator: "\n").utf8).write(to: Self.file)
    }
  }
}
