import FuzzMain
import PlanGraph
import PlanLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The fuzzer calls this with every input that it makes.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let isPlan = check(Array(UnsafeBufferPointer(start: data, count: count)))
  return isPlan || !keepsOnlyPlans ? 0 : -1
}

/// Whether the fuzzer keeps only inputs without a mistake.
///
/// It makes new inputs from the ones that it keeps, so most of them then reach the formatter and the
/// compiler.
private let keepsOnlyPlans = getenv("PLAN_FUZZ_KEEPS_ONLY_PLANS") != nil

/// The fuzzer calls this for its next input; half of them are changed byte by byte.
@_cdecl("LLVMFuzzerCustomMutator")
package func mutateInput(
  _ data: UnsafeMutablePointer<UInt8>,
  _ count: Int,
  _ limit: Int,
  _ seed: CUnsignedInt
) -> Int {
  // The lowest bit chooses how to change the input. The others are the seed of the change.
  if seed & 1 == 0 { return Fuzz_mutateBytes(data, count, limit) }
  let old = Array(UnsafeBufferPointer(start: data, count: count))
  var mutator = TokenMutator(old, seed: UInt64(seed >> 1))
  let new = mutator.changed()
  if new.count > limit || new.isEmpty { return Fuzz_mutateBytes(data, count, limit) }
  data.update(from: new, count: new.count)
  return new.count
}

/// Reads bytes in every way that the language can, and stops the process if something is not true
/// that must be true for all texts.
///
/// Rendering costs the most, so only one input in 64 is rendered: many inputs find more.
///
/// - Returns: whether the bytes are a plan without a mistake.
@discardableResult
func check(_ bytes: [UInt8]) -> Bool {
  // A byte that no UTF-8 text contains separates a plan from a plan that it includes.
  if let middle = bytes.firstIndex(of: 0xFF) {
    return checkIncludes(Array(bytes[..<middle]), Array(bytes[(middle + 1)...]))
  }
  let source = SourceFile(id: FileID(0), name: "fuzz.plan", bytes: bytes)
  let pieces = checkTokens(source)
  let syntax = Parser.parseSyntax(source)
  let result = Parser.checked(syntax)
  checkDiagnostics(result.diagnostics, source)
  if isInSample(bytes) { checkRendering(result.diagnostics, source) }
  require(result.tree.plan != nil || !result.diagnostics.isEmpty, "neither a plan nor a diagnostic")
  guard let formatted = Formatter.format(syntax) else { return false }
  checkFormat(formatted, source, pieces, result)
  return true
}

/// Whether an input belongs to a sample of 1/64, which is the same every time.
private func isInSample(_ bytes: [UInt8]) -> Bool {
  // FNV-1a.
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return (hash ^ hash >> 32) & 63 == 0
}

private func require(_ condition: Bool, _ words: @autoclosure () -> String) {
  if !condition { fatalError(words()) }
}

private func checkTokens(_ source: SourceFile) -> [Token] {
  var end: UInt32 = 0
  let pieces = tokens(of: source)
  for token in pieces {
    require(token.span.start == end && token.span.end >= end, "a gap between tokens at \(end)")
    end = token.span.end
  }
  require(Int(end) == source.bytes.count, "the tokens end at \(end)")
  return pieces
}

private func checkDiagnostics(_ diagnostics: [Diagnostic], _ source: SourceFile) {
  require(diagnostics.count <= Diagnostic.limit, "too many diagnostics")
  var last: UInt32 = 0
  for diagnostic in diagnostics {
    require(diagnostic.location.span.start >= last, "diagnostics out of order")
    last = diagnostic.location.span.start
    requireInside(diagnostic.location.span, source)
    for note in diagnostic.notes {
      if let location = note.location { requireInside(location.span, source) }
    }
    if let fix = diagnostic.fixIt { requireInside(fix.span, source) }
  }
}

private func checkRendering(_ diagnostics: [Diagnostic], _ source: SourceFile) {
  guard !diagnostics.isEmpty else { return }
  // Only the first and the last are rendered, because all of a thousand would only cost time.
  let shown =
    diagnostics.count == 1 ? diagnostics : [diagnostics[0], diagnostics[diagnostics.count - 1]]
  let renderer = DiagnosticRenderer(sources: [source], color: false)
  for diagnostic in shown {
    for byte in renderer.render(diagnostic).utf8 {
      require((byte >= 0x20 || byte == 0x0A) && byte != 0x7F, "a control character is rendered raw")
    }
  }
  for byte in DiagnosticJSON(sources: [source]).render(shown).utf8 {
    require(byte >= 0x20 || byte == 0x0A, "a control character is in JSON")
  }
}

private func requireInside(_ span: Span, _ source: SourceFile) {
  require(span.start <= span.end && Int(span.end) <= source.bytes.count, "a span outside: \(span)")
}

private func checkFormat(
  _ formatted: String,
  _ source: SourceFile,
  _ pieces: [Token],
  _ result: ParseResult
) {
  let again = SourceFile(id: FileID(0), name: "fuzz.plan", text: formatted)
  // If formatting changed nothing once, it changes nothing twice.
  if again.bytes == source.bytes { return }
  let syntax = Parser.parseSyntax(again)
  require(Formatter.format(syntax) == formatted, "formatting a second time changes the text")
  let reparsed = Parser.checked(syntax)
  require(
    describeTree(reparsed.tree) == describeTree(result.tree),
    "formatting changes the tree:\n\(formatted)"
  )
  require(
    reparsed.diagnostics.map(\.code) == result.diagnostics.map(\.code),
    "formatting changes the diagnostics:\n\(formatted)"
  )
  require(
    comments(source, pieces).elementsEqual(comments(again, tokens(of: again)), by: ==),
    "formatting changes the comments:\n\(formatted)"
  )
}

/// The comments in a text, without the blanks at their ends.
private func comments(_ source: SourceFile, _ pieces: [Token]) -> [ArraySlice<UInt8>] {
  pieces.filter { $0.kind == .comment }.map { token in
    var text = source.bytes[Int(token.span.start)..<Int(token.span.end)]
    while text.last == 0x20 || text.last == 0x09 { text.removeLast() }
    return text
  }
}

/// Compiles a plan that can include another, if both are small.
///
/// - Returns: whether both are plans without a mistake.
private func checkIncludes(_ plan: [UInt8], _ other: [UInt8]) -> Bool {
  guard isSmall(plan), isSmall(other) else { return false }
  let source = SourceFile(id: FileID(0), name: "fuzz.plan", bytes: plan)
  let parsed = Parser.parse(source)
  let input = BuildInput(plan: parsed.tree, key: "fuzz.plan") { target, _ in
    switch target {
    case .bundled: .missing(reason: "there is none", known: ["other"])
    case .path(let name):
      name.text == "fuzz.plan"
        ? .found(key: "fuzz.plan", name: "fuzz.plan", bytes: plan)
        : .found(key: "other.plan", name: "other.plan", bytes: other)
    }
  }
  let built = GraphBuilder.build(input)
  if isInSample(plan) {
    let renderer = DiagnosticRenderer(sources: built.sources, color: false)
    for diagnostic in built.diagnostics.prefix(2) { _ = renderer.render(diagnostic) }
  }
  return built.graph != nil && parsed.diagnostics.isEmpty
}

/// Whether no number in a text is so large that its deployment would be slow to compile.
private func isSmall(_ bytes: [UInt8]) -> Bool {
  var digits = 0
  for byte in bytes {
    digits = byte >= 0x30 && byte <= 0x39 ? digits + 1 : 0
    if digits > 1 { return false }
  }
  return bytes.count < 2000
}
