import Foundation
import Glibc
import TestSupport
import Testing

/// A page shows a terminal: `$ ` and a command, then everything that the command prints.
///
/// A command continues on the next line after a `\` or `do` at the end of its line. The commands of
/// a page run one after another in one folder. It contains `Plans/` as checked out and the plans of
/// the page by their names, each as the last fence before the command has it. Times of day,
/// measured times, names of runs and the order of the lines of a run may differ from those on the
/// page. What `swift run` says about building is left out. `LOCKSTEP_RECORD=1 swift test --filter
/// DocsTests` puts the present output into the pages; that run still fails.
@Suite("Commands in the documentation", .waits)
struct ConsoleTests {
  static let pages = Document.all.filter { page in
    page.fences.contains { $0.language == "console" }
  }

  @Test("print what is shown", arguments: pages)
  func output(page: Document) throws {
    let folder = try Workplace()
    var changed: [(line: Int, old: Int, new: [String])] = []
    for fence in page.fences {
      if fence.language == "plan", let name = fence.info.first(where: { $0.hasSuffix(".plan") }) {
        try folder.write(name, fence.text)
      }
      // The end-to-end tests try what needs a machine with systemd.
      guard fence.language == "console", !fence.info.contains("systemd") else { continue }
      for block in Self.blocks(fence) {
        let printed = try folder.execute(block.command)
        if Self.isSame(block, printed) { continue }
        changed.append((block.line, block.output.count, Self.keepingTimes(block.output, printed)))
        Issue.record(
          """
          '\(block.command)' prints
          \(printed.joined(separator: "\n"))
          to accept that: LOCKSTEP_RECORD=1 swift test --filter DocsTests
          """,
          sourceLocation: page.place(block.line)
        )
      }
    }
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1", !changed.isEmpty {
      var lines = page.lines
      for (line, old, new) in changed.reversed() {
        lines.replaceSubrange(line..<line + old, with: new)
      }
      let text = lines.joined(separator: "\n")
      try Data(text.utf8).write(to: Document.package.appending(path: page.name))
    }
  }

  private struct Block {
    var command: String
    /// The number of the command's last line, from 1.
    var line: Int
    var output: [String] = []

    /// Whether the command continues on the next line.
    var goesOn: Bool { command.hasSuffix("\\") || command.hasSuffix("; do") }
  }

  private static func blocks(_ fence: Fence) -> [Block] {
    var blocks: [Block] = []
    for (index, line) in fence.lines.enumerated() {
      if line.hasPrefix("$ ") {
        blocks.append(Block(command: String(line.dropFirst(2)), line: fence.line + index + 1))
      } else if let last = blocks.indices.last {
        if blocks[last].goesOn, blocks[last].output.isEmpty {
          blocks[last].command += "\n\(line)"
          blocks[last].line += 1
        } else {
          blocks[last].output.append(line)
        }
      }
    }
    return blocks
  }

  private static func isSame(_ block: Block, _ printed: [String]) -> Bool {
    var shown = block.output.map(withoutTimes)
    while shown.last == "" { shown.removeLast() }
    let found = printed.map(withoutTimes)
    let isRun = ["lockstep run", "lockstep resume"].contains { block.command.contains($0) }
    return isRun
      ? shown.sorted() == found.sorted() : shown == found
  }

  /// What is printed, with the old line wherever only times differ.
  private static func keepingTimes(_ shown: [String], _ printed: [String]) -> [String] {
    var kept: [String: [String]] = [:]
    for line in shown.reversed() { kept[withoutTimes(line), default: []].append(line) }
    return printed.map { kept[withoutTimes($0)]?.popLast() ?? $0 }
  }

  private static func withoutTimes(_ line: String) -> String {
    line.replacing(#/\d\d:\d\d:\d\d/#, with: "hh:mm:ss").replacing(#/\d+\.\ds/#, with: "s")
      .replacing(#/\b\d{8}T\d{6}Z-[0-9a-f]{4}\b/#, with: "RUN")
  }
}

/// A temporary folder in which the commands of a page run.
final class Workplace {
  /// How the pages write its path.
  private static let shownPath = "/home/me/lockstep"

  private let path: String

  init() throws {
    let files = FileManager.default
    let name = "lockstep-docs-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let folder = URL(filePath: "/tmp").appending(path: name)
    path = folder.path
    let plans = Document.package.appending(path: "Plans")
    try files.createDirectory(
      at: folder.appending(path: "Plans"),
      withIntermediateDirectories: true
    )
    for name in try files.contentsOfDirectory(atPath: plans.path) where name.hasSuffix(".plan") {
      try files.copyItem(
        at: plans.appending(path: name),
        to: folder.appending(path: "Plans/\(name)")
      )
    }
    // Without the records of runs in the checkout.
    for name in ["jobs", "packages"] {
      let to = folder.appending(path: "Plans/quickstart/\(name)")
      try files.createDirectory(
        at: to.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try files.copyItem(at: plans.appending(path: "quickstart/\(name)"), to: to)
    }
    for name in ["data", "sys/log", "sys/run"] {
      try files.createDirectory(
        at: folder.appending(path: "Plans/quickstart/\(name)"),
        withIntermediateDirectories: true
      )
    }
    try files.createDirectory(
      at: folder.appending(path: ".build"),
      withIntermediateDirectories: true
    )
    try files.createSymbolicLink(
      atPath: folder.appending(path: ".build/debug").path,
      withDestinationPath: Self.binaries
    )
  }

  deinit {
    // Ends the daemons that a page has started.
    _ = try? execute("for file in $(find . -name '*.pid'); do kill -9 $(cat \"$file\"); done")
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path).appending(path: name))
  }

  /// Runs a shell command; returns the lines that it prints, including errors.
  func execute(_ command: String) throws -> [String] {
    let own = command.replacing("swift run lockstep", with: "lockstep")
    let path = "PATH='\(Self.binaries)':/usr/bin:/bin"
    guard let pipe = popen("cd '\(self.path)' && \(path) && { \(own)\n} 2>&1 </dev/null", "re")
    else { throw Failure(errorNumber: errno) }
    var bytes: [UInt8] = []
    while true {
      let byte = getc(pipe)
      if byte == EOF { break }
      bytes.append(UInt8(truncatingIfNeeded: byte))
    }
    pclose(pipe)
    let text = String(decoding: bytes, as: UTF8.self).replacing(self.path, with: Self.shownPath)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  private struct Failure: Error { var errorNumber: Int32 }

  /// The path of the built command, which is next to the tests.
  private static let binaries: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: tests).deletingLastPathComponent().path
  }()
}
