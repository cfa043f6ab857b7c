import Operations
import TestSupport

/// A folder with a VM (`vm`), plans and records, removed with this object.
final class TestFolder {
  private let folder = TemporaryFolder("operations")

  init() { for name in ["vm/jobs", "vm/sys/log"] { folder.makeFolder(name) } }

  func at(_ name: String) -> String { folder.at(name) }

  /// Writes a script of a release job of the VM.
  func script(_ releaseJob: String, _ name: String, _ body: String) {
    folder.script("vm/jobs/\(releaseJob)/bin/\(name)", body)
  }

  /// Writes a plan, and returns a request for it on the VM.
  func plan(
    _ body: String,
    parameters: [String: String] = [:]
  ) throws(CommandFailure) -> PlanRequest {
    folder.write("test.plan", bytes: Array("plan test {\n\(body)\n}\n".utf8))
    return PlanRequest(
      plan: try PlanCompilation.load(at("test.plan")),
      parameters: parameters,
      vms: VMRequest(standard: at("vm"))
    )
  }

  /// The text of a file of the folder; nil if there is none.
  func read(_ name: String) -> String? {
    (try? FileReader.read(at(name))).map { String(decoding: $0, as: UTF8.self) }
  }
}
