/// A value of a JSON document.
package enum JSONValue: Equatable {
  case null
  case bool(Bool)
  /// As it is written, because RFC 8259 sets no limits.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Its kind for people, with an article.
  package var kindWords: String {
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

/// A field of an object.
package struct JSONField: Equatable {
  package var name: String
  package var value: JSONValue
}

/// The fields of an object; each name appears once.
package struct JSONObject: Equatable, ExpressibleByDictionaryLiteral {
  /// In the order of the document.
  package var all: [JSONField] = []

  init() {}

  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    all = elements.map { JSONField(name: $0.0, value: $0.1) }
  }
}

/// Why a text is not JSON, and where.
package struct JSONFailure: Error, Equatable {
  /// From 1.
  package var line: Int
  /// From 1, in bytes.
  package var column: Int
  /// What was found, as the end of a sentence.
  package var what: String
}
