/// All pieces of a file in order, with trivia: joined, they are the file, byte for byte.
///
/// The last one is an `endOfFile` without length. It is the only one if the file is too large for
/// a ``Span``.
package func tokens(of source: SourceFile) -> [Token] {
  guard source.bytes.count < Int(UInt32.max) else { return [Token(.endOfFile, 0, 0)] }
  return source.bytes.withUnsafeBufferPointer { bytes in
    var lexer = Lexer(bytes)
    var result: [Token] = []
    // On average, a piece rarely has fewer bytes than 3.
    result.reserveCapacity(bytes.count / 3 + 1)
    while true {
      let piece = lexer.scan()
      result.append(piece)
      if piece.kind == .endOfFile { return result }
    }
  }
}

/// A readable list of a file's pieces with place, kind and text, to examine the lexer alone.
package func describeTokens(of source: SourceFile) -> String {
  let lines = LineTable(source)
  var result = ""
  for token in tokens(of: source) {
    let place = lines.position(of: token.span.start, in: source)
    let text = quotedForPlan(source.text(token.span))
    result += "\(place.line):\(place.column) \(token.kind)"
    result += token.kind == .endOfFile ? "\n" : " \(text)\n"
  }
  return result
}
