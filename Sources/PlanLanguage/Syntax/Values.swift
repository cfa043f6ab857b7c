/// A name as written, bare or as a string literal, and where.
package struct Name: Hashable, Sendable {
  /// The name itself: a string literal's decoded contents, a bare name's characters.
  package var text: String
  /// Where it stands, quotes included.
  package var span: Span

  /// Whether the parser put it in where one was missing; nothing more is to be said about it.
  package var isMissing: Bool { text.isEmpty }

  /// Makes a name.
  package init(_ text: String, _ span: Span) {
    self.text = text
    self.span = span
  }
}

/// A string literal: text with `\(param)` between, escapes already decoded and, for a literal of
/// several lines, indentation already stripped.
package struct StringLiteral: Hashable, Sendable {
  /// A run of plain text, or a parameter to be put in its place.
  package enum Segment: Hashable, Sendable {
    case text(String)
    case param(Name)
  }

  /// Nearly every literal is one text, which needs no list.
  private enum Contents: Hashable, Sendable {
    case text(String)
    case segments([Segment])
  }

  private var contents: Contents
  /// Where the literal stands, quotes included.
  package var span: Span

  /// Whether the parser put it in where one was missing; nothing more is to be said about it.
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

  /// The pieces in order; two `text` pieces never follow one another, none is empty.
  package var segments: [Segment] {
    switch contents {
    case .text(let text): [.text(text)]
    case .segments(let segments): segments
    }
  }

  /// The text of a literal that is one piece of text; nil for any other, an empty one too.
  package var plainText: String? { if case .text(let text) = contents { text } else { nil } }
}

/// A version number: one or more decimal components, compared component by component.
package struct Version: Hashable, Sendable, Comparable {
  /// The components, most significant first; at least one.
  package var components: [UInt64]

  /// Makes a version of these components.
  package init(_ components: [UInt64]) { self.components = components }

  /// Compares by component; a missing component counts as 0.
  package static func < (left: Version, right: Version) -> Bool {
    let count = max(left.components.count, right.components.count)
    for index in 0..<count {
      let a = index < left.components.count ? left.components[index] : 0
      let b = index < right.components.count ? right.components[index] : 0
      if a != b { return a < b }
    }
    return false
  }

  /// Whether no component differs; a missing component counts as 0.
  package static func == (left: Version, right: Version) -> Bool {
    !(left < right) && !(right < left)
  }

  /// Hashes what `==` compares.
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

  /// Where it stands.
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

  /// Where it stands.
  package var span: Span {
    switch self {
    case .literal(_, let span): span
    case .param(let name): name.span
    }
  }
}

/// A number of things, absolute or as a percentage of those there are: written out, or `\(param)`.
package enum AmountValue: Hashable, Sendable {
  case count(Int, Span)
  case percent(Int, Span)
  case param(Name)

  /// Where it stands.
  package var span: Span {
    switch self {
    case .count(_, let span), .percent(_, let span): span
    case .param(let name): name.span
    }
  }
}

/// What a parameter can be given in the plan's text: any kind of literal.
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
  /// Where it stands.
  package var span: Span

  /// Whether the parser put it in where one was missing or had no value; nothing more is to be said
  /// about it.
  package var isMissing: Bool { span.start == span.end }

  /// Makes a literal value.
  package init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}
