// String literals on one line, with escapes and params; and text without quotes in place of one.
extension TreeParser {
  /// Reads a string, or reports what is there instead.
  mutating func expectString(_ expected: String) -> StringLiteral {
    switch token.kind {
    case .string, .blockString, .quoted:
      return parseString()
    default: break
    }
    let isText =
      isValueLike && token.kind != .equal && token.kind != .comma
      || (token.kind == .name && !beginsNextStatement) || token.kind == .badNumber
    guard isText, !beginsLine else {
      report(
        .unexpectedToken,
        at: beginsLine || token.kind == .endOfFile || token.kind == .rightBrace ? gap : token.span,
        "expected \(expected), found \(describeToken())"
      )
      if !beginsLine && isValueLike { advance() }
      return StringLiteral([], gap)
    }
    return unquoted(expected)
  }

  /// Reads text without quotes, up to a brace, the end of the line, or in a list a comma.
  mutating func unquoted(_ expected: String) -> StringLiteral {
    let start = token.span.start
    isQuiet = true
    let first = mistakeStart
    let place = token.span.start
    repeat {
      advance()
    } while !beginsLine && token.kind != .leftBrace
      && token.kind != .rightBrace && token.kind != .endOfFile && token.word != .as
      && !(isInList && (token.kind == .comma || token.kind == .rightBracket))
    isQuiet = false
    let span = Span(start, previousEnd)
    let written = text(span)
    if first != place {
      mistakeStart = place
      mistakeLine = line
      add(
        Diagnostic(
          .unexpectedToken,
          at: Location(file, span),
          "expected \(expected), found '\(shown(span))' without quotes",
          fixIt: Diagnostic.FixIt(
            "put it in quotes",
            replacing: span,
            with: quotedForPlan(written, keepingParams: true)
          )
        )
      )
    }
    return StringLiteral(written.isEmpty ? [] : [.text(written)], span)
  }

  /// Reads the string that is the current token.
  mutating func parseString() -> StringLiteral {
    let token = token
    let span = token.span
    if token.kind == .quoted {
      advance()
      let inner = text(quotedContents(token))
      return StringLiteral(inner.isEmpty ? [] : [.text(inner)], span)
    }
    if token.isUnterminated { unterminated(token) }
    if token.kind == .blockString {
      let segments = blockSegments(token)
      advance()
      return StringLiteral(segments, span)
    }
    let contents = Span(span.start + 1, token.isUnterminated ? span.end : span.end - 1)
    defer { advance() }
    if token.isPlain {
      return StringLiteral(contents.start == contents.end ? [] : [.text(text(contents))], span)
    }
    var pieces = SegmentBuilder()
    decode(contents, into: &pieces)
    return StringLiteral(pieces.finish(), span)
  }

  private mutating func unterminated(_ token: Token) {
    let isBlock = token.kind == .blockString
    openStringEnd = token.span.end
    if isBlock {
      forgivesOpenEnd = true
    } else {
      // The rest of the line became part of the string, perhaps with braces of blocks.
      for offset in token.span.start..<token.span.end {
        if at(offset) == 0x7D { swallowedBraces += 1 }
        if at(offset) == 0x7B && swallowedBraces > 0 { swallowedBraces -= 1 }
      }
    }
    let quotes = Span(token.span.start, token.span.start + (isBlock ? 3 : 1))
    report(
      .unterminatedString,
      at: isBlock ? quotes : token.span,
      isBlock
        ? "this string of several lines is not closed with '\"\"\"' before the end of the file"
        : "this string is not closed before the end of its line; text of several lines goes"
          + " between '\"\"\"'"
    )
  }

  /// Decodes the text of one line.
  mutating func decode(_ span: Span, into pieces: inout SegmentBuilder) {
    var offset = span.start
    var plainStart = offset
    while offset < span.end {
      let byte = at(offset)
      if byte == 0x5C {
        pieces.append(text(Span(plainStart, offset)))
        offset = decodeEscape(at: offset, end: span.end, into: &pieces)
        plainStart = offset
        continue
      }
      if byte.isForbiddenControl || byte == 0x0D {
        let place = Span(offset, offset + 1)
        let name = hexName(Unicode.Scalar(byte))
        let escape = "\\u{\(String(byte, radix: 16))}"
        if !isQuiet {
          add(
            Diagnostic(
              .unexpectedCharacter,
              at: Location(file, place),
              "this string contains the control character \(name); write \(escape) instead",
              fixIt: Diagnostic.FixIt("write \(escape)", replacing: place, with: escape)
            )
          )
        }
      }
      offset += 1
    }
    pieces.append(text(Span(plainStart, span.end)))
  }

  /// Decodes an escape, and returns the offset after it.
  private mutating func decodeEscape(
    at start: UInt32,
    end: UInt32,
    into pieces: inout SegmentBuilder
  ) -> UInt32 {
    guard start + 1 < end else { return end }
    let byte = at(start + 1)
    switch byte {
    case 0x6E: pieces.append("\n")
    case 0x74: pieces.append("\t")
    case 0x22: pieces.append("\"")
    case 0x5C: pieces.append("\\")
    case 0x28: return decodeParam(at: start, end: end, into: &pieces)
    case 0x75: return decodeScalar(at: start, end: end, into: &pieces)
    default:
      let length = UInt32(scalarLength(in: lexer.bytes, at: Int(start) + 1) ?? 1)
      let whole = Span(start, min(start + 1 + length, end))
      let character = text(Span(start + 1, whole.end))
      var fix = Diagnostic.FixIt(
        "write a backslash as '\\\\'",
        replacing: whole,
        with: "\\\\" + character
      )
      if byte == 0x24 || byte == 0x27 || byte == 0x60 {
        fix = Diagnostic.FixIt("remove the backslash", replacing: whole, with: character)
      }
      badEscape(
        whole,
        "'\\\(character)' is not an escape; the escapes are \\n \\t \\\" \\\\ \\u{…} and \\(param)",
        fix
      )
      pieces.append(character)
      return whole.end
    }
    return start + 2
  }

  private mutating func badEscape(
    _ span: Span,
    _ message: String,
    _ fixIt: Diagnostic.FixIt? = nil
  ) {
    // An escape that is cut off by an open string belongs to the mistake of the open string.
    if span.end == openStringEnd { return }
    add(Diagnostic(.unknownEscape, at: Location(file, span), message, fixIt: fixIt))
  }

  /// Decodes `\(name)`.
  private mutating func decodeParam(
    at start: UInt32,
    end: UInt32,
    into pieces: inout SegmentBuilder
  ) -> UInt32 {
    let nameStart = start + 2
    if nameStart < end && at(nameStart).beginsName {
      let nameEnd = UInt32(lexer.endOfName(from: Int(nameStart)))
      if nameEnd < end && at(nameEnd) == 0x29 {
        let name = text(Span(nameStart, nameEnd))
        pieces.append(Name(name, Span(start, nameEnd + 1)))
        return nameEnd + 1
      }
    }
    var last = nameStart
    while last < end && at(last) != 0x29 && at(last) != 0x20 { last += 1 }
    if last < end && at(last) == 0x29 { last += 1 }
    let whole = Span(start, last)
    badEscape(
      whole,
      "'\(shown(whole))' does not name a param; write \\(name), or '\\\\(' for a plain '\\('"
    )
    return last
  }

  /// Decodes `\u{…}`.
  private mutating func decodeScalar(
    at start: UInt32,
    end: UInt32,
    into pieces: inout SegmentBuilder
  ) -> UInt32 {
    var offset = start + 2
    var value: UInt32 = 0
    var digits = 0
    let isBraced = offset < end && at(offset) == 0x7B
    if isBraced { offset += 1 }
    while isBraced, offset < end, let digit = at(offset).hexValue {
      value = value > 0xFFFFFF ? value : value * 16 + digit
      digits += 1
      offset += 1
    }
    let isClosed = offset < end && at(offset) == 0x7D
    if isClosed { offset += 1 }
    let whole = Span(start, offset)
    guard isBraced, isClosed, digits > 0 else {
      badEscape(whole, "'\(shown(whole))' is not a character; write it like \\u{20ac}")
      return offset
    }
    if value == 0 {
      badEscape(whole, "no command, file name or variable can contain a zero byte")
    } else if let scalar = Unicode.Scalar(value), digits <= 8 {
      pieces.append(String(Character(scalar)))
    } else {
      badEscape(whole, "Unicode has no character with the number '\(shown(whole))'")
    }
    return offset
  }
}
