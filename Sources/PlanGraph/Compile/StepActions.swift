import PlanLanguage

extension PhaseCompiler {
  /// What a step does, with parameters filled in, and what it needs to have anything to do.
  func compile(_ syntax: ActionSyntax, _ context: Context) -> (StepAction, Need) {
    switch syntax {
    case .script(let name):
      _ = checkUsable(name, as: "script", in: context.unit.source.id, sink)
      return (.script(name.text), .script(name.text))
    case .run(let command):
      return (.run(context.values.command(command) ?? .arguments(["?"])), .nothing)
    case .wait(let probe):
      switch probe {
      case .tcp(let literal): return (.wait(.tcp(address(literal, context))), .nothing)
      case .file(let literal):
        return (.wait(.file(context.values.string(literal)?.text ?? "?")), .nothing)
      case .command(let command):
        return (.wait(.command(context.values.command(command) ?? .arguments(["?"]))), .nothing)
      }
    case .start: return (.start, .processes)
    case .stop: return (.stop, .processes)
    case .startUnits(let units): return (.startUnits(unitNames(units, context)), .nothing)
    case .stopUnits(let units): return (.stopUnits(unitNames(units, context)), .nothing)
    case .unmonitor: return (.unmonitor, .processes)
    case .drain(let arguments):
      return (.drain(drainArguments(arguments, context)), .script("drain"))
    }
  }

  private func address(_ literal: StringLiteral, _ context: Context) -> String {
    guard let value = context.values.string(literal) else { return "?" }
    if value.isBelieved { return value.text }
    let text = value.text
    if let colon = text.lastIndex(of: ":"), colon != text.startIndex,
      let port = decimal(String(text[text.index(after: colon)...])), (1...65535).contains(port)
    {
      return text
    }
    sink.report(
      .wrongKindOfValue,
      at: context.unit.location(literal.span),
      "'\(text)' is not an address to connect to",
      notes: [Diagnostic.Note("write \"HOST:PORT\", such as \"127.0.0.1:8080\"")]
    )
    return "?"
  }

  /// The name of a step without a label: its kind and argument.
  func derivedName(_ action: ActionSyntax) -> String {
    switch action {
    case .script(let name): "script-\(name.text)"
    case .run(let command): Slug("run-", command).text
    case .wait(.tcp(let literal)): Slug("wait-tcp-", [literal]).text
    case .wait(.file(let literal)): Slug("wait-file-", [literal]).text
    case .wait(.command(let command)): Slug("wait-", command).text
    case .startUnits(let units): Slug("start-", units.map(Self.withoutService)).text
    case .stopUnits(let units): Slug("stop-", units.map(Self.withoutService)).text
    case .start, .stop, .unmonitor, .drain: action.word
    }
  }
}

extension PhaseCompiler {
  /// The unit's name in the name of its step: a service is named without `.service`.
  fileprivate static func withoutService(_ unit: StringLiteral) -> StringLiteral {
    let kind = ".service"
    guard case .text(let text)? = unit.segments.last, text.hasSuffix(kind) else { return unit }
    let rest = String(text.dropLast(kind.count))
    return StringLiteral(
      unit.segments.dropLast() + (rest.isEmpty ? [] : [.text(rest)]),
      unit.span
    )
  }
}

/// The first words of a step's argument, in a form that fits a name.
///
/// Parameters appear by name, because their values must not change a step's name. A plan may have a
/// million steps, so only the name itself is allocated.
private struct Slug {
  /// The prefix and at most 32 bytes after it.
  let text: String

  private static let most = 32

  init(_ prefix: StaticString, _ command: CommandSyntax) {
    switch command {
    case .shell(let literal): self.init(prefix, [literal])
    case .arguments(let literals, _): self.init(prefix, literals)
    }
  }

  init(_ prefix: StaticString, _ literals: [StringLiteral]) {
    let start = prefix.utf8CodeUnitCount
    let empty: StaticString = "command"
    text = withUnsafeTemporaryAllocation(byteCount: start + Self.most, alignment: 1) { buffer in
      prefix.withUTF8Buffer { buffer.copyBytes(from: $0) }
      var count = start
      for literal in literals {
        if count > start { Self.put(" ".utf8, &count, start, buffer) }
        Self.put(literal, &count, start, buffer)
      }
      while count > start, buffer[count - 1] == UInt8(ascii: "-") { count -= 1 }
      if count == start {
        empty.withUTF8Buffer {
          UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).copyBytes(from: $0)
        }
        count += empty.utf8CodeUnitCount
      }
      return String(decoding: buffer[..<count], as: UTF8.self)
    }
  }

  private static func put(
    _ literal: StringLiteral,
    _ count: inout Int,
    _ start: Int,
    _ buffer: UnsafeMutableRawBufferPointer
  ) {
    if let text = literal.plainText { return put(text.utf8, &count, start, buffer) }
    for segment in literal.segments {
      switch segment {
      case .text(let text): put(text.utf8, &count, start, buffer)
      case .param(let name): put(name.text.utf8, &count, start, buffer)
      }
    }
  }

  private static func put(
    _ bytes: String.UTF8View,
    _ count: inout Int,
    _ start: Int,
    _ buffer: UnsafeMutableRawBufferPointer
  ) {
    for byte in bytes {
      if count == buffer.count { return }
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
        buffer[count] = byte
      default:
        if count == start || buffer[count - 1] == UInt8(ascii: "-") { continue }
        buffer[count] = UInt8(ascii: "-")
      }
      count += 1
    }
  }
}
