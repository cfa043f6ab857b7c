package import VM
import Words

/// A file rendered from a template.
package struct RenderedFile: Hashable, Sendable {
  /// Where it goes.
  package var path: RenderedPath
  /// The template, as in `jobs/web/templates/web.conf.erb`.
  package var template: String
  package var bytes: [UInt8]

  /// Its permission bits, as BOSH's agent sets them.
  package var mode: UInt32 { path.isProgram ? 0o750 : 0o640 }
}

/// The result of rendering a release job's templates.
package struct Rendering: Sendable {
  /// In the order of the spec, `monit` first; only valid if nothing is wrong.
  package private(set) var files: [RenderedFile] = []
  /// Everything that is wrong with the spec, the properties and the templates.
  package private(set) var faults: [Problem] = []
  /// What is not wrong, and perhaps not meant.
  package private(set) var warnings: [Problem] = []

  /// Reads what the renderer says of a release job.
  init(_ frames: [Frames.Frame], of releaseJob: String) {
    for frame in frames {
      switch frame.kind {
      case "file": add(frame, of: releaseJob)
      case "error":
        let line = frame.text(1)
        let place = line == "0" ? frame.text(0) : "\(frame.text(0)):\(line)"
        faults.append(Problem(path: place, what: frame.text(2)))
      case "warning": warnings.append(Problem(path: frame.text(0), what: frame.text(1)))
      default: break
      }
    }
    faults += conflicts("jobs/\(releaseJob)/spec")
  }

  private mutating func add(_ frame: Frames.Frame, of releaseJob: String) {
    let destination = frame.text(0)
    let path: RenderedPath
    do {
      path = try RenderedPath(destination)
    } catch {
      faults.append(
        Problem(
          path: "jobs/\(releaseJob)/spec",
          what:
            "the template \(frame.text(1)) goes to \(quoted(destination)), which \(error.reason)",
          help: "a destination is a path within the folder of the release job"
        )
      )
      return
    }
    let bytes = frame.fields.count > 2 ? Array(frame.fields[2]) : []
    if path.script != nil, let fault = ExecutableFault.findInShape(bytes) {
      faults.append(
        Problem(
          path: frame.text(1),
          what: "what it renders to, \(path.text), \(fault.what)",
          help: fault.help
        )
      )
    }
    files.append(RenderedFile(path: path, template: frame.text(1), bytes: bytes))
  }

  /// Two files cannot have the same place, and a file cannot be a folder.
  private func conflicts(_ spec: String) -> [Problem] {
    var found: [Problem] = []
    var owners: [String: String] = [:]
    for file in files {
      if let other = owners.updateValue(file.template, forKey: file.path.text) {
        found.append(
          Problem(path: spec, what: "\(other) and \(file.template) both go to \(file.path.text)")
        )
      }
    }
    for file in files {
      var folder = ""
      for name in file.path.folders {
        folder += folder.isEmpty ? name : "/\(name)"
        if owners[folder] != nil {
          found.append(
            Problem(path: spec, what: "\(file.path.text) is to be in \(folder), which is a file")
          )
        }
      }
    }
    return found
  }
}

/// A release job as its spec describes it.
package struct ListedReleaseJob: Hashable, Sendable {
  package var name: String
  /// The first line of its description; may be empty.
  package var description: String
  /// The lifecycle scripts that it has, separated by blanks.
  package var scripts: String
}
