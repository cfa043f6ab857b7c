import Words

/// A step into a JSON value.
enum JSONStep: Hashable {
  case field(String)
  case element(Int)
}

extension JSONValue {
  /// The value as a document.
  var bytes: [UInt8] { JSONWriter.bytes { write(to: &$0) } }

  private func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.null()
    case .bool(let flag): json.value(flag)
    case .number(let digits): json.raw(Array(digits.utf8))
    case .string(let text): json.value(text)
    case .array(let elements): json.array { for element in elements { element.write(to: &$0) } }
    case .object(let object):
      json.object { json in
        for field in object.all {
          json.name(text: field.name)
          field.value.write(to: &json)
        }
      }
    }
  }

  /// The value of a field; nil if there is none.
  func field(_ name: String) -> JSONValue? { at([.field(name)]) }

  /// The value at a path; nil if there is none.
  func at(_ path: [JSONStep]) -> JSONValue? {
    guard let step = path.first else { return self }
    let rest = Array(path.dropFirst())
    switch (step, self) {
    case (.field(let name), .object(let object)):
      return object.all.first { $0.name == name }?.value.at(rest)
    case (.element(let index), .array(let elements)): return elements[index].at(rest)
    default: return nil
    }
  }

  /// The paths to everything in it.
  var paths: [[JSONStep]] {
    switch self {
    case .object(let object):
      object.all.flatMap { field in
        [[.field(field.name)]] + field.value.paths.map { [.field(field.name)] + $0 }
      }
    case .array(let elements):
      elements.enumerated().flatMap { index, element in
        [[.element(index)]] + element.paths.map { [.element(index)] + $0 }
      }
    default: []
    }
  }

  /// The same with another value at a path, or without one.
  func replacing(_ path: [JSONStep], with value: JSONValue?) -> JSONValue {
    guard let step = path.first else { return value ?? .null }
    let rest = Array(path.dropFirst())
    switch (step, self) {
    case (.field(let name), .object(var object)):
      guard let index = object.all.firstIndex(where: { $0.name == name }) else { return self }
      if rest.isEmpty, value == nil {
        object.all.remove(at: index)
      } else {
        object.all[index].value = object.all[index].value.replacing(rest, with: value)
      }
      return .object(object)
    case (.element(let index), .array(var elements)):
      elements[index] = elements[index].replacing(rest, with: value)
      return .array(elements)
    default: return self
    }
  }

  /// The same with one more field in the object that a path's last step is in.
  func adding(_ field: (name: String, value: JSONValue), beside path: [JSONStep]) -> JSONValue {
    let parent = Array(path.dropLast())
    guard case .object(var object)? = at(parent) else { return self }
    let more: JSONObject = [field.name: field.value]
    object.all.insert(contentsOf: more.all, at: 0)
    return replacing(parent, with: .object(object))
  }
}
