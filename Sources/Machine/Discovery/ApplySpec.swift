import PlanGraph

/// What the director told the agent to have on a VM: `bosh/spec.json`, as far as it matters here.
struct ApplySpec {
  /// Relative to the root.
  static let path = "bosh/spec.json"

  /// The deployment job (instance group); nil where the VM has none.
  var deploymentJob: String?
  /// The instance's index in its deployment job.
  var index: String?
  /// The release jobs in the order of the manifest; none where nothing has been rendered.
  var releaseJobs: [CheckedName]
  /// What else conditions may ask about, by the names of facts.
  var facts: [String: String]

  /// Understands the text of a spec.
  ///
  /// As the agent reads it: release jobs are `job.templates[].name`, and there are none as long as
  /// `rendered_templates_archive` is null (bosh-agent, `V1ApplySpec.Jobs`). Fields that nobody here
  /// asks for may hold anything.
  ///
  /// - Parameter bytes: the whole file.
  /// - Throws: what is wrong with it, as the end of a sentence that begins with the path.
  init(_ bytes: [UInt8]) throws(PlainFailure) {
    let document: JSONValue
    if bytes.isEmpty { throw PlainFailure(words: "is empty") }
    do {
      document = try JSONReader.read(bytes)
    } catch {
      throw PlainFailure(words: "line \(error.line), column \(error.column) \(error.what)")
    }
    guard case .object = document else {
      throw PlainFailure(words: "holds \(document.kindWords), where an object should be")
    }
    let job = try Self.object(document, "job", "job")
    let older = try Self.name(job, "name", "job.name")
    deploymentJob = try Self.name(document, "name", "name")
    if deploymentJob == nil { deploymentJob = older }
    index = try Self.index(document)
    releaseJobs = []
    facts = [:]
    if let id = try Self.line(document, "id") { facts["instance.id"] = id }
    if let zone = try Self.line(document, "az") { facts["instance.az"] = zone }
    if let name = try Self.line(document, "deployment") { facts["deployment.name"] = name }
    if let deploymentJob { facts["deployment-job.name"] = deploymentJob }
    if let index { facts["instance.index"] = index }
    if try Self.object(document, "rendered_templates_archive", "rendered_templates_archive") == nil
    {
      return
    }
    releaseJobs = try Self.releaseJobs(job)
  }

  private static func releaseJobs(_ job: JSONValue?) throws(PlainFailure) -> [CheckedName] {
    let templates: [JSONValue]
    switch job?["templates"] {
    case nil, .null?: return []
    case .array(let elements)?: templates = elements
    case let other?: throw wrong("job.templates", other, "a list")
    }
    var names: [CheckedName] = []
    var seen: Set<String> = []
    for (index, template) in templates.enumerated() {
      let place = "job.templates[\(index)]"
      guard case .object = template else { throw wrong(place, template, "an object") }
      guard let text = try string(template, "name", "\(place).name") else {
        throw PlainFailure(words: "\(place) has no name")
      }
      let name: CheckedName
      do {
        name = try CheckedName(text)
      } catch {
        throw PlainFailure(
          words: "\(place): the name \(quoted(text)) of this release job \(error.reason)"
        )
      }
      if !seen.insert(text).inserted {
        throw PlainFailure(words: "names the release job '\(text)' twice")
      }
      names.append(name)
    }
    return names
  }

  // MARK: Fields; one that is null counts as none, as for the agent

  private static func object(
    _ value: JSONValue?,
    _ field: String,
    _ place: String
  ) throws(PlainFailure) -> JSONValue? {
    switch value?[field] {
    case nil, .null?: return nil
    case let found? where found.isObject: return found
    case let other?: throw wrong(place, other, "an object")
    }
  }

  private static func string(
    _ value: JSONValue?,
    _ field: String,
    _ place: String
  ) throws(PlainFailure) -> String? {
    switch value?[field] {
    case nil, .null?: return nil
    case .string(let text)?: return text
    case let other?: throw wrong(place, other, "a string")
    }
  }

  /// A text that is shown, and compared with others: none where it is empty.
  private static func line(_ value: JSONValue, _ field: String) throws(PlainFailure) -> String? {
    guard let text = try string(value, field, field), !text.isEmpty else { return nil }
    let isPlain = text.unicodeScalars.allSatisfy {
      !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .control
    }
    if isPlain, text.utf8.count <= 255 { return text }
    throw PlainFailure(words: "\(field) is \(quoted(String(text.prefix(40)))), which is no name")
  }

  /// A text that becomes part of the names of steps: none where it is empty.
  private static func name(
    _ value: JSONValue?,
    _ field: String,
    _ place: String
  ) throws(PlainFailure) -> String? {
    guard let text = try string(value, field, place), !text.isEmpty else { return nil }
    guard isUsableName(text) else {
      throw PlainFailure(
        words: "\(place) is \(quoted(String(text.prefix(40)))); a name is letters, digits and "
          + "- _ + ."
      )
    }
    return text
  }

  private static func index(_ document: JSONValue) throws(PlainFailure) -> String? {
    switch document["index"] {
    case nil, .null?: return nil
    case .number(let text)? where text.utf8.allSatisfy({ (0x30...0x39).contains($0) }):
      if text.utf8.count <= 9 { return text }
      throw PlainFailure(words: "index is \(text), which is no instance's")
    case let other?: throw wrong("index", other, "a whole number")
    }
  }

  private static func wrong(_ place: String, _ value: JSONValue, _ wanted: String) -> PlainFailure {
    PlainFailure(words: "\(place) is \(value.kindWords), where \(wanted) should be")
  }
}

extension JSONValue {
  fileprivate var isObject: Bool {
    if case .object = self { return true }
    return false
  }
}
