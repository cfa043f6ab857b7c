import BundledPlans
import Foundation
import PlanGraph
import PlanLanguage
import Testing

/// A fence with a plan, or with a part of one.
///
/// The words after `plan` say what it is. `NAME.plan` is the file that it stands for, `PLAN0123` is
/// a finding that it shows, and `NAME=VALUE` sets a param. `item` and `statement` mean that it is a
/// part of a plan or of a phase.
struct PlanExample: CustomStringConvertible, Sendable {
  let document: Document
  let fence: Fence

  var description: String { "\(document.name):\(fence.line)" }

  static let all = Document.all.flatMap { document in
    document.fences.filter { $0.language == "plan" }
      .map { PlanExample(document: document, fence: $0) }
  }

  /// The file's name; nil if it has none.
  var fileName: String? { fence.info.first { $0.hasSuffix(".plan") } }

  /// The codes of the findings that it shows.
  var codes: Set<String> { Set(fence.info.filter { $0.hasPrefix("PLAN") }) }

  /// Words that have no meaning.
  var strayWords: [String] {
    fence.info.dropFirst().filter {
      !$0.hasSuffix(".plan") && DiagnosticCode(rawValue: $0) == nil && !$0.contains("=")
        && !["item", "statement"].contains($0)
    }
  }

  /// The text as a whole plan.
  var source: SourceFile { whole.source }

  /// The text as a whole plan, and how many bytes come before the example.
  private var whole: (source: SourceFile, head: Int) {
    var head = ""
    var tail = ""
    var indent = ""
    if fence.info.contains("item") {
      (head, tail, indent) = ("plan part {\n  default { timeout 1h }\n\n", "}\n", "  ")
    } else if fence.info.contains("statement") {
      head = "plan part {\n  default { timeout 1h }\n\n  phase part {\n"
      (tail, indent) = ("  }\n}\n", "    ")
    }
    let body = fence.lines.map { $0.isEmpty ? "\n" : "\(indent)\($0)\n" }.joined()
    let source = SourceFile(name: fileName ?? description, text: head + body + tail)
    return (source, head.utf8.count)
  }

  /// The findings in it without a machine.
  ///
  /// The `default` around a part does not belong to the example, so a finding that no step needs it
  /// is left out.
  func diagnostics() -> [Diagnostic] {
    let (source, head) = whole
    let parsed = Parser.parse(source)
    let built = GraphBuilder.build(
      BuildInput(
        plan: parsed.tree,
        key: fileName ?? description,
        parameters: parameters,
        loadInclude: { target, _ in find(target) }
      )
    )
    return (parsed.diagnostics + built.diagnostics).filter {
      $0.code != .takenByNothing || $0.location.file != source.id
        || Int($0.location.span.start) >= head
    }
  }

  private var parameters: [String: String] {
    var result: [String: String] = [:]
    for word in fence.info {
      guard let equals = word.firstIndex(of: "=") else { continue }
      result[String(word[..<equals])] = String(word[word.index(after: equals)...])
    }
    return result
  }

  /// A bundled plan, or another fence of the page.
  private func find(_ target: IncludeDecl.Target) -> IncludeAnswer {
    switch target {
    case .bundled(let name):
      guard let bytes = BundledPlans.text(of: name.text) else {
        return .missing(reason: "no such bundled plan", known: BundledPlans.names)
      }
      return .found(key: "bundled:\(name.text)", name: name.text, bytes: bytes)
    case .path(let name):
      let examples = Self.all.filter { $0.document.name == document.name }
      guard let other = examples.last(where: { $0.fileName == name.text }) else {
        return .missing(reason: "no such fence in this page", known: [])
      }
      return .found(key: name.text, name: name.text, bytes: other.source.bytes)
    }
  }
}

@Suite("Plans in the documentation")
struct PlanExampleTests {
  @Test("have the findings that they show, and no others", arguments: PlanExample.all)
  func findings(example: PlanExample) {
    let place = example.document.place(example.fence.line)
    if !example.strayWords.isEmpty {
      Issue.record("what is \(example.strayWords)?", sourceLocation: place)
    }
    let found = example.diagnostics()
    for diagnostic in found where !example.codes.contains(diagnostic.code.rawValue) {
      Issue.record("\(diagnostic.code.rawValue): \(diagnostic.message)", sourceLocation: place)
    }
    let missing = example.codes.subtracting(found.map(\.code.rawValue))
    if !missing.isEmpty { Issue.record("no \(missing.sorted())", sourceLocation: place) }
  }

  @Test("are formatted", arguments: PlanExample.all)
  func formatted(example: PlanExample) {
    // A plan with a mistake in its grammar cannot be formatted.
    guard let formatted = Formatter.format(example.source) else { return }
    if Array(formatted.utf8) == example.source.bytes { return }
    Issue.record(
      "'lockstep fmt' makes this of it:\n\(formatted)",
      sourceLocation: example.document.place(example.fence.line)
    )
  }
}
