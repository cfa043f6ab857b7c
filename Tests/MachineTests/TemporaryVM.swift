import CLinux
import Glibc
@testable import System
@testable import VM

/// A VM's folder in a temporary place, removed with this object.
final class TemporaryVM {
  let path: String

  init() {
    _ = StrayChildren.reaper
    var template = Array("/tmp/lockstep-machine-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder") }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let real = realpath(made, nil) else { preconditionFailure("no temporary folder") }
    path = String(cString: real)
    free(real)
    // The tests also run its contents as another user.
    chmod(path, 0o755)
    for folder in ["jobs", "sys", "sys/log", "sys/run"] { makeFolder(folder) }
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    if let status = FileStatus(path, follow: false), status.isFolder {
      chmod(path, 0o700)
      for name in (try? namesInFolder(path)) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// The absolute path of a file in it.
  func at(_ name: String) -> String { "\(path)/\(name)" }

  func makeFolder(_ name: String, mode: mode_t = 0o755) {
    mkdir(at(name), mode)
    chmod(at(name), mode)
  }

  /// Writes a file and its folders.
  func write(_ name: String, _ text: String, mode: mode_t = 0o644) {
    write(name, bytes: Array(text.utf8), mode: mode)
  }

  /// Writes a file and its folders.
  func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o644) {
    var folder = ""
    for part in name.split(separator: "/").dropLast() {
      folder += folder.isEmpty ? "\(part)" : "/\(part)"
      mkdir(at(folder), 0o755)
    }
    let file = Glibc.open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(file >= 0, "cannot write \(name)")
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      precondition(count > 0, "cannot write \(name)")
      rest = rest.dropFirst(count)
    }
    fchmod(file, mode)
    close(file)
  }

  /// Writes a release job's script: `sh`, after its first line.
  func script(_ releaseJob: String, _ name: String, _ body: String) {
    write("jobs/\(releaseJob)/bin/\(name)", "#!/bin/sh\n\(body)\n", mode: 0o755)
  }

  /// The whole text of a file; nil if there is none.
  func read(_ name: String) -> String? {
    (try? firstBytes(of: at(name), limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The lines of a file.
  func lines(_ name: String) -> [String] {
    (read(name) ?? "").split(separator: "\n").map(String.init)
  }

  /// Opens it.
  func open() throws(VMRefusal) -> VMFolder { try VMFolder(path) }
}
