import Foundation
import Glibc
import Operations

/// A folder with a VM (`vm`), plans and records, removed with this object.
final class TestFolder {
  let path: String

  init() {
    var template = Array("/tmp/lockstep-operations-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no temporary folder")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for folder in ["vm", "vm/jobs", "vm/sys", "vm/sys/log"] { mkdir(at(folder), 0o755) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func at(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a script of a release job of the VM.
  func script(_ releaseJob: String, _ name: String, _ body: String) {
    mkdir(at("vm/jobs/\(releaseJob)"), 0o755)
    mkdir(at("vm/jobs/\(releaseJob)/bin"), 0o755)
    let file = at("vm/jobs/\(releaseJob)/bin/\(name)")
    write(file, "#!/bin/sh\n\(body)\n")
    chmod(file, 0o755)
  }

  /// Writes a plan, and returns a request for it on the VM.
  func plan(
    _ body: String,
    parameters: [String: String] = [:]
  ) throws(CommandFailure) -> PlanRequest {
    write(at("test.plan"), "plan test {\n\(body)\n}\n")
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

  private func write(_ file: String, _ text: String) {
    unlink(file)
    let reason = FileReplacement.create(file, with: Array(text.utf8))
    precondition(reason == nil, "cannot write \(file)")
  }
}
