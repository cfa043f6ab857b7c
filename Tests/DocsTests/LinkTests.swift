import Foundation
import Testing

@Suite("Links in the documentation")
struct LinkTests {
  @Test("lead to a file and a heading that exist", arguments: Document.all)
  func relative(document: Document) {
    let folder = Document.package.appending(path: document.name).deletingLastPathComponent()
    for link in document.links where !link.target.contains("://") {
      let parts = link.target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file = parts[0].isEmpty ? nil : folder.appending(path: String(parts[0])).standardized
      if let file, !FileManager.default.fileExists(atPath: file.path) {
        Issue.record("no file \(link.target)", sourceLocation: document.place(link.line))
        continue
      }
      guard parts.count > 1 else { continue }
      let page = file.map { file in
        Document.all.first { Document.package.appending(path: $0.name).standardized == file }
      }
      let target = page ?? document
      if target?.anchors.contains(String(parts[1])) != true {
        Issue.record("no heading \(link.target)", sourceLocation: document.place(link.line))
      }
    }
  }
}
