import PlanLanguage

extension PhaseCompiler {
  /// What a step does, parameters put in, and what it needs to have something to do.
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
    case .unmonitor: return (.unmonitor, .processes)
    case .drain(let arguments):
      return (.drain(drainArguments(arguments, context)), .script("drain"))
    }
  }

  private func address(_ literal: StringLiteral, _ context: Context) -> String {
    guard let text = context.values.string(literal)?.text else { return "?" }
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

  /// The name of a step without a label: kind and argument.
  func derivedName(_ action: ActionSyntax) -> String {
    switch action {
    case .script(let name): return "script-\(name.text)"
    case .run(let command): return "run-\(slug(command))"
    case .wait(.tcp(let literal)): return "wait-tcp-\(slug(of: literal))"
    case .wait(.file(let literal)): return "wait-file-\(slug(of: literal))"
    case .wait(.command(let command)): return "wait-\(slug(command))"
    case .start, .stop, .unmonitor, .drain: return action.word
    }
  }

  private func slug(_ command: CommandSyntax) -> String {
    switch command {
    case .shell(let literal): slug(of: literal)
    case .arguments(let literals, _): slug(literals.map(text).joined(separator: " "))
    }
  }

  private func slug(of literal: StringLiteral) -> String { slug(text(literal)) }

  /// The text as written, parameters by name: their values must not change a step's name.
  private func text(_ literal: StringLiteral) -> String {
    if let text = literal.plainText { return text }
    return literal.segments.map {
      switch $0 {
      case .text(let text): text
      case .param(let name): name.text
      }
    }.joined()
  }

  /// The first words of a text as they can stand in a name: at most 32 bytes.
  private func slug(_ text: String) -> String {
    let most = 32
    let slug = String(unsafeUninitializedCapacity: most) { buffer in
      var count = 0
      for byte in text.utf8 {
        if count == most { break }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
          buffer[count] = byte
        default:
          if count == 0 || buffer[count - 1] == UInt8(ascii: "-") { continue }
          buffer[count] = UInt8(ascii: "-")
        }
        count += 1
      }
      while count > 0, buffer[count - 1] == UInt8(ascii: "-") { count -= 1 }
      return count
    }
    return slug.isEmpty ? "command" : slug
  }
}
