import TestSupport
import Testing

/// Every field of the printed JSON is described in the documentation.
@Suite(.waits) struct DocumentedFieldTests {
  private static func page(_ name: String) -> String {
    let here = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return FileTree.bytes("/\(here)/docs/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static let plan = """
    plan p {
      limit 8
      default { timeout 1m }
      param token secret = "hunter2"
      phase pre-start { script pre-start { retry 1 backoff 1s only exit 75 } }
      barrier across instance
      phase work per instance {
        env TOKEN = "\\(token)"
        parallel as both {
          limit 1
          run "true" as left { idempotent }
          wait tcp "127.0.0.1:1" as up { optional every 1s }
          wait file "sys/x" as there { when exists "data" }
        }
        wait command "true" as asked
        on failure { run "true" as alarm }
      }
      phase start { start { settle 1s } }
      finally { run "true" as bye }
      test "it fails" { release-jobs app expect exit 1 }
    }
    """

  /// The names of all fields of a document.
  private static func fields(_ json: String) -> Set<String> {
    var fields: Set<String> = []
    var rest = Array(json.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\"" else { continue }
      var name = ""
      while let next = rest.popFirst(), next != "\"" {
        if next == "\\" { _ = rest.popFirst() }
        name.unicodeScalars.append(next)
      }
      if rest.first == ":" { fields.insert(name) }
    }
    return fields
  }

  @Test func everyFieldIsDescribed() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJobWithDaemon("app", ["pre-start": "exit 1"])
    try sandbox.write("p.plan", Self.plan)
    try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--supervisor", "ctl").expect(1)
    let dryRun = ["dry-run", "p.plan", "--vm", "vm", "--format", "json"]
    let documents: [(String, [String], Int32)] = [
      ("dry-run.md", dryRun + ["--overlay", "last", "--ask"], 0),
      ("what-if.md", dryRun + ["--what-if", "pre-start=fail"], 0),
      ("what-if.md", dryRun + ["--what-if", "left=exit 3", "--what-if", "cancel@2s"], 0),
      ("what-if.md", dryRun + ["--what-if", "there=no"], 0),
      ("what-if.md", dryRun + ["--what-if", "all"], 0),
      ("what-if.md", ["test", "p.plan", "--format", "json"], 1),
    ]
    for (page, arguments, status) in documents {
      let finished = try sandbox.start(arguments).finish()
      finished.expect(status)
      let found = Self.fields(finished.out)
      #expect(found.contains("version") && found.count > 5, finished.shown)
      let text = Self.page(page)
      let missing = found.filter { !text.contains("`\($0)`") }.sorted()
      #expect(missing.isEmpty, "\(page) says nothing of \(missing), \(arguments)")
    }
  }
}
