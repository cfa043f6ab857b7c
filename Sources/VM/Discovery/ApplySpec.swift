import PlanGraph
import System
import Words

/// What the director told the agent to run on a VM: the relevant parts of `bosh/spec.json`.
package struct ApplySpec {
  /// Relative to the VM's folder.
  package static let path = "bosh/spec.json"

  /// The deployment job (instance group); nil if the VM has none.
  var deploymentJob: String?
  /// The instance's index in its deployment job.
  var index: String?
  /// The release jobs in the order of the manifest; none if nothing has been rendered.
  var releaseJobs: [CheckedName]
  /// What else conditions may ask about, by the names of facts.
  var facts: [String: String]
  /// The size of the persistent disk in MiB; nil if it is not given.
  var persistentDisk: Int?
  /// The size from which logs are rotated, in logrotate's notation; nil if it is not given.
  var largestLog: String?

  /// Understands the text of a spec.
  ///
  /// As the agent reads it, with Go's rules for names and for null (``GoStruct``): release jobs are
  /// `job.templates[].name`, and there are none as long as `rendered_templates_archive` is null
  /// (bosh-agent, `V1ApplySpec.Jobs`). A spec that is null as a whole is one that says nothing.
  /// What the agent does not look at may hold anything.
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
    let spec: GoStruct
    switch document {
    case .object(let fields): spec = GoStruct(fields.all)
    case .null: spec = GoStruct([])
    default:
      throw PlainFailure(words: "holds \(document.kindWords), where an object should be")
    }
    let job = try spec.object("job", "job")
    let older = try Self.name(job, "name", "job.name")
    deploymentJob = try Self.name(spec, "name", "name") ?? older
    index = try Self.index(spec)
    persistentDisk = try spec.integer("persistent_disk", "persistent_disk")
    largestLog = try Self.largestLog(spec)
    facts = [:]
    if let id = try Self.line(spec, "id") { facts["instance.id"] = id }
    if let zone = try Self.line(spec, "az") { facts["instance.az"] = zone }
    if let name = try Self.line(spec, "deployment") { facts["deployment.name"] = name }
    if let deploymentJob { facts["deployment-job.name"] = deploymentJob }
    if let index { facts["instance.index"] = index }
    if let persistentDisk { facts["instance.persistent-disk"] = "\(persistentDisk)" }
    try Self.checkKinds(spec, job)
    let isRendered =
      try spec.pointer("rendered_templates_archive", "rendered_templates_archive") != nil
    let named = try Self.releaseJobs(job)
    releaseJobs = isRendered ? named : []
  }

  /// The agent reads all of its fields or none.
  private static func checkKinds(_ spec: GoStruct, _ job: GoStruct) throws(PlainFailure) {
    _ = try spec.string("configuration_hash", "configuration_hash")
    for field in ["release", "template", "version"] { _ = try job.string(field, "job.\(field)") }
    for network in try spec.map("networks", "networks") {
      switch network.value {
      case .object, .null: break
      default: throw GoStruct.wrong("networks.\(network.name)", network.value, "an object")
      }
    }
    for package in try spec.map("packages", "packages") {
      let place = "packages.\(package.name)"
      switch package.value {
      case .null: break
      case .object(let fields):
        for field in ["name", "version", "blobstore_id", "signed_url"] {
          _ = try GoStruct(fields.all).string(field, "\(place).\(field)")
        }
      default: throw GoStruct.wrong(place, package.value, "an object")
      }
    }
  }

  private static func largestLog(_ spec: GoStruct) throws(PlainFailure) -> String? {
    let logging = try spec.object("properties", "properties")
      .object("logging", "properties.logging")
    let size = try logging.string(
      "max_log_file_size",
      "properties.logging.max_log_file_size"
    )
    return size.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func releaseJobs(_ job: GoStruct) throws(PlainFailure) -> [CheckedName] {
    var names: [CheckedName] = []
    var seen: Set<String> = []
    for (index, template) in try job.list("templates", "job.templates").enumerated() {
      let place = "job.templates[\(index)]"
      guard case .object(let fields) = template else {
        throw GoStruct.wrong(place, template, "an object")
      }
      let template = GoStruct(fields.all)
      _ = try template.string("version", "\(place).version")
      guard let text = try template.string("name", "\(place).name") else {
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

  /// A text that is shown, and compared with others: none if it is empty.
  private static func line(_ spec: GoStruct, _ field: String) throws(PlainFailure) -> String? {
    guard let text = try spec.string(field, field), !text.isEmpty else { return nil }
    let isPlain = text.unicodeScalars.allSatisfy {
      !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .control
    }
    if isPlain, text.utf8.count <= 255 { return text }
    throw PlainFailure(words: "\(field) is \(quoted(String(text.prefix(40)))), which is not a name")
  }

  /// A text that becomes part of the names of steps: none if it is empty.
  private static func name(
    _ spec: GoStruct,
    _ field: String,
    _ place: String
  ) throws(PlainFailure) -> String? {
    guard let text = try spec.string(field, place), !text.isEmpty else { return nil }
    guard isUsableName(text) else {
      throw PlainFailure(
        words: "\(place) is \(quoted(String(text.prefix(40)))); a name is letters, digits and "
          + "- _ + ."
      )
    }
    return text
  }

  private static func index(_ spec: GoStruct) throws(PlainFailure) -> String? {
    guard let index = try spec.integer("index", "index", isPointer: true) else { return nil }
    if (0..<1_000_000_000).contains(index) { return "\(index)" }
    throw PlainFailure(words: "index is \(index), which is not the index of an instance")
  }
}
