/// A name with its place, written without quotes or as a string literal.
package struct Name: Hashable, Sendable {
  /// The name itself: the decoded contents of a string literal, or the characters of a name.
  package var text: String
  /// The place, with the quotes.
  package var span: Span

  /// Whether the parser added it instead of a missing name, which is reported already.
  package var isMissing: Bool { text.isEmpty }

  /// Makes a name.
  package init(_ text: String, _ span: Span) {
    self.text = text
    self.span = span
  }
}

/// A string literal: text and params, with escapes decoded and indentation removed.
package struct StringLiteral: Hashable, Sendable {
  /// A run of plain text, or a param.
  package enum Segment: Hashable, Sendable {
    case text(String)
    case param(Name)
  }

  /// The contents; nearly every literal is one text, which needs no list.
  private enum Contents: Hashable, Sendable {
    case text(String)
    case segments([Segment])
  }

  private var contents: Contents
  /// The place of the literal, with the quotes.
  package var span: Span

  /// Whether the parser added it instead of a missing string, which is reported already.
  package var isMissing: Bool { span.start == span.end }

  /// Makes a literal of these pieces.
  package init(_ segments: [Segment], _ span: Span) {
    if segments.count == 1, case .text(let text) = segments[0] {
      contents = .text(text)
    } else {
      contents = .segments(segments)
    }
    self.span = span
  }

  /// The pieces in order; no two texts are adjacent, and none is empty.
  package var segments: [Segment] {
    switch contents {
    case .text(let text): [.text(text)]
    case .segments(let segments): segments
    }
  }

  /// The text of a literal that is one piece of text; nil for any other, also for an empty one.
  package var plainText: String? { if case .text(let text) = contents { text } else { nil } }
}

/// A version: one or more decimal components, compared one by one.
package struct Version: Hashable, Sendable, Comparable {
  /// The components, the most significant first; at least one.
  package var components: [UInt64]

  /// Makes a version of these components.
  package init(_ components: [UInt64]) { self.components = components }

  /// Compares the components; a missing component counts as 0.
  package static func < (left: Version, right: Version) -> Bool {
    let count = max(left.components.count, right.components.count)
    for index in 0..<count {
      let a = index < left.components.count ? left.components[index] : 0
      let b = index < right.components.count ? right.components[index] : 0
      if a != b { return a < b }
    }
    return false
  }

  /// Whether all components are equal; a missing component counts as 0.
  package static func == (left: Version, right: Version) -> Bool {
    !(left < right) && !(right < left)
  }

  /// Hashes the components that `==` compares.
  package func hash(into hasher: inout Hasher) {
    var significant = components
    while significant.last == 0 { significant.removeLast() }
    hasher.combine(significant)
  }
}

/// A whole number in a plan: written out, or `\(param)`.
package enum IntValue: Hashable, Sendable {
  case literal(Int, Span)
  case param(Name)

  /// Its place in the text.
  package var span: Span {
    switch self {
    case .literal(_, let span): span
    case .param(let name): name.span
    }
  }
}

/// A length of time in a plan: written out, or `\(param)`.
package enum DurationValue: Hashable, Sendable {
  case literal(Duration, Span)
  case param(Name)

  /// Its place in the text.
  package var span: Span {
    switch self {
    case .literal(_, let span): span
    case .param(let name): name.span
    }
  }
}

/// An amount, as a number or as a percentage of the total: written out, or `\(param)`.
package enum AmountValue: Hashable, Sendable {
  case count(Int, Span)
  case percent(Int, Span)
  case param(Name)

  /// Its place in the text.
  package var span: Span {
    switch self {
    case .count(_, let span), .percent(_, let span): span
    case .param(let name): name.span
    }
  }
}

/// A value in the text of a plan, such as the default of a param: any kind of literal.
package struct LiteralValue: Hashable, Sendable {
  /// The literal's kind and contents.
  package enum Kind: Hashable, Sendable {
    case string(StringLiteral)
    case int(Int)
    case version(Version)
    case duration(Duration)
    case percent(Int)
  }

  /// The kind and contents.
  package var kind: Kind
  /// Its place in the text.
  package var span: Span

  /// Whether the parser added it instead of a missing or invalid value, which is reported already.
  package var isMissing: Bool { span.start == span.end }

  /// Makes a literal value.
  package init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}
