import System
import Words

/// A JSON object as Go's `encoding/json` reads it into a struct.
///
/// A key names a field regardless of upper or lower case. If several keys name one field, each is
/// read into it in turn, so the last one counts. Null leaves a text, a number or a struct as it
/// was, and empties a list or a pointer. Structs that are read twice are merged.
struct GoStruct {
  private let fields: [JSONField]

  init(_ fields: [JSONField]) { self.fields = fields }

  /// All values of a field, in their order.
  private func values(_ name: String) -> [JSONValue] {
    let folded = Self.folded(name)
    return fields.filter { Self.folded($0.name) == folded }.map(\.value)
  }

  /// As Go folds the names of fields: beyond ASCII two letters have a small one of ASCII's.
  private static func folded(_ name: String) -> String {
    var folded = ""
    for scalar in name.unicodeScalars {
      switch scalar.value {
      case 0x41...0x5A: folded.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 0x20))
      case 0x17F: folded += "s"
      case 0x212A: folded += "k"
      default: folded.unicodeScalars.append(scalar)
      }
    }
    return folded
  }

  /// A text; nil if there is none or it is empty, as in Go.
  func string(_ name: String, _ place: String) throws(PlainFailure) -> String? {
    var found: String?
    for value in values(name) {
      switch value {
      case .null: continue
      case .string(let text): found = text
      default: throw Self.wrong(place, value, "a string")
      }
    }
    return found
  }

  /// A whole number; nil if there is none, which means 0 unless it is a pointer.
  ///
  /// - Parameters:
  ///   - name: of the field.
  ///   - place: the same for people.
  ///   - isPointer: whether null clears it.
  /// - Returns: the number.
  /// - Throws: an error if it is something else.
  func integer(
    _ name: String,
    _ place: String,
    isPointer: Bool = false
  ) throws(PlainFailure) -> Int? {
    var found: Int?
    for value in values(name) {
      switch value {
      case .null: if isPointer { found = nil }
      case .number(let text):
        guard let number = Int(text) else {
          let isWhole = text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) }
          throw PlainFailure(
            words: "\(place) is \(text), which is \(isWhole ? "too large" : "not a whole number")"
          )
        }
        found = number
      default: throw Self.wrong(place, value, "a whole number")
      }
    }
    return found
  }

  /// A struct; one without fields if there is none.
  func object(_ name: String, _ place: String) throws(PlainFailure) -> GoStruct {
    try pointer(name, place, isPointer: false) ?? GoStruct([])
  }

  /// A struct in a pointer; nil if there is none.
  func pointer(_ name: String, _ place: String) throws(PlainFailure) -> GoStruct? {
    try pointer(name, place, isPointer: true)
  }

  private func pointer(
    _ name: String,
    _ place: String,
    isPointer: Bool
  ) throws(PlainFailure) -> GoStruct? {
    var found: [JSONField]?
    for value in values(name) {
      switch value {
      case .null: if isPointer { found = nil }
      case .object(let fields): found = (found ?? []) + fields.all
      default: throw Self.wrong(place, value, "an object")
      }
    }
    return found.map { GoStruct($0) }
  }

  /// A list; empty if there is none.
  func list(_ name: String, _ place: String) throws(PlainFailure) -> [JSONValue] {
    var found: [JSONValue] = []
    for value in values(name) {
      switch value {
      case .null: found = []
      case .array(let elements): found = elements
      default: throw Self.wrong(place, value, "a list")
      }
    }
    return found
  }

  /// A map, with its keys unchanged; empty if there is none.
  func map(_ name: String, _ place: String) throws(PlainFailure) -> [JSONField] {
    var found: [JSONField] = []
    for value in values(name) {
      switch value {
      case .null: found = []
      case .object(let fields): found += fields.all
      default: throw Self.wrong(place, value, "an object")
      }
    }
    return found
  }

  static func wrong(_ place: String, _ value: JSONValue, _ wanted: String) -> PlainFailure {
    PlainFailure(words: "\(place) is \(value.kindWords), where \(wanted) should be")
  }
}
