import Words

/// The fields of an object that came over the wire, taken out by name and kind.
///
/// Names that nobody asks for are ignored: a later version of the same protocol may add fields.
struct Fields {
  private let object: JSONObject
  /// What it is, for failures.
  private let what: String

  init(_ value: JSONValue, _ what: String) throws(WireFailure) {
    guard case .object(let object) = value else {
      throw WireFailure("\(what) is \(value.kindWords), not an object")
    }
    (self.object, self.what) = (object, what)
  }

  /// The value of a field; nil if it is missing or null.
  func value(_ name: String) -> JSONValue? {
    let value = object.all.first { $0.name == name }?.value
    return value == .null ? nil : value
  }

  private func required(_ name: String) throws(WireFailure) -> JSONValue {
    guard let value = value(name) else { throw WireFailure("\(what) has no '\(name)'") }
    return value
  }

  private func wrong(_ name: String, _ value: JSONValue) -> WireFailure {
    WireFailure("'\(name)' of \(what) is \(value.kindWords), which does not fit")
  }

  func text(_ name: String) throws(WireFailure) -> String {
    let value = try required(name)
    guard case .string(let text) = value else { throw wrong(name, value) }
    return text
  }

  func optionalText(_ name: String) throws(WireFailure) -> String? {
    value(name) == nil ? nil : try text(name)
  }

  func number<Number: FixedWidthInteger>(_ name: String) throws(WireFailure) -> Number {
    let value = try required(name)
    guard case .number(let digits) = value, let number = Number(digits) else {
      throw wrong(name, value)
    }
    return number
  }

  func optionalNumber<Number: FixedWidthInteger>(_ name: String) throws(WireFailure) -> Number? {
    if value(name) == nil { return nil }
    return try number(name) as Number
  }

  /// Whether a flag is set; one that is missing is not.
  func flag(_ name: String) throws(WireFailure) -> Bool {
    guard let value = value(name) else { return false }
    guard case .bool(let flag) = value else { throw wrong(name, value) }
    return flag
  }

  /// A duration in nanoseconds.
  func duration(_ name: String) throws(WireFailure) -> Duration {
    .nanoseconds(try number(name) as Int64)
  }

  func optionalDuration(_ name: String) throws(WireFailure) -> Duration? {
    value(name) == nil ? nil : try duration(name)
  }

  /// A value that this version does not know.
  static func unknown(_ what: String, _ value: String) -> WireFailure {
    WireFailure("\(what) is \(quoted(shortened(value, to: 40))), which is unknown")
  }

  /// Bytes, which are written as text.
  func bytes(_ name: String) throws(WireFailure) -> [UInt8] {
    let value = try required(name)
    guard case .string(let text) = value, let bytes = Base64.bytes(text) else {
      throw wrong(name, value)
    }
    return bytes
  }

  /// The elements of a list that must be there.
  func requiredList(_ name: String) throws(WireFailure) -> [JSONValue] {
    _ = try required(name)
    return try list(name)
  }

  /// The elements of a list; none if it is missing.
  func list(_ name: String) throws(WireFailure) -> [JSONValue] {
    guard let value = value(name) else { return [] }
    guard case .array(let list) = value else { throw wrong(name, value) }
    return list
  }

  func texts(_ name: String) throws(WireFailure) -> [String] {
    var texts: [String] = []
    for value in try list(name) {
      guard case .string(let text) = value else { throw wrong(name, value) }
      texts.append(text)
    }
    return texts
  }

  func numbers<Number: FixedWidthInteger>(_ name: String) throws(WireFailure) -> [Number] {
    var numbers: [Number] = []
    for value in try list(name) {
      guard case .number(let digits) = value, let number = Number(digits) else {
        throw wrong(name, value)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// The objects of a list; none if it is missing.
  func objects(_ name: String, _ what: String) throws(WireFailure) -> [Fields] {
    var result: [Fields] = []
    for value in try list(name) { result.append(try Fields(value, what)) }
    return result
  }

  /// The object of a field.
  func object(_ name: String) throws(WireFailure) -> Fields {
    try Fields(try required(name), "'\(name)' of \(what)")
  }

  /// Pairs of texts: an object whose values are texts; none if it is missing.
  func pairs(_ name: String) throws(WireFailure) -> [(name: String, value: String)] {
    guard let value = value(name) else { return [] }
    guard case .object(let object) = value else { throw wrong(name, value) }
    var pairs: [(name: String, value: String)] = []
    for field in object.all {
      guard case .string(let text) = field.value else {
        throw WireFailure(
          "\(quoted(shortened(field.name, to: 40))) in '\(name)' of \(what) is "
            + "\(field.value.kindWords), not a text"
        )
      }
      pairs.append((field.name, text))
    }
    return pairs
  }
}
