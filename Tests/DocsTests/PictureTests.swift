import Foundation
import Testing

/// The README's picture is what `dry-run` draws from the README's plan.
///
/// `LOCKSTEP_RECORD=1 swift test --filter DocsTests` draws it again; that run still fails.
@Suite("Pictures in the documentation")
struct PictureTests {
  @Test("docs/shop.svg is the graph of the README's plan")
  func shop() throws {
    let page = try Document(name: "README.md")
    let plan = try #require(page.fences.first { $0.info == ["plan", "shop.plan"] })
    let folder = try Workplace()
    try folder.write("shop.plan", plan.text)
    // On a machine without systemd, a dry-run also says that a run would be refused.
    let drawn = try folder.execute("lockstep dry-run shop.plan --vm . --format svg 2>/dev/null")
    let text = drawn.map { $0 + "\n" }.joined()
    let file = Document.package.appending(path: "docs/shop.svg")
    if let kept = try? String(contentsOf: file, encoding: .utf8), kept == text { return }
    Issue.record("docs/shop.svg is not what 'lockstep dry-run' draws of the README's plan")
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
      try Data(text.utf8).write(to: file)
    }
  }
}
