/// A value of a JSON document.
enum JSONValue: Equatable {
  case null
  case bool(Bool)
  /// As it is written; RFC 8259 sets no bounds.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The field of an object; nil where this is none or has no such field.
  subscript(_ name: String) -> JSONValue? {
    guard case .object(let fields) = self else { return nil }
    return fields[name]
  }

  /// What it is, for people, with its article.
  var kindWords: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Why a text is no JSON, and where.
struct JSONFailure: Error, Equatable {
  /// From 1.
  var line: Int
  /// From 1, in bytes.
  var column: Int
  /// What was found, as the end of a sentence.
  var what: String
}
