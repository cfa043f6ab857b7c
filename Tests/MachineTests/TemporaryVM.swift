import Glibc
@testable import System
import TestSupport
@testable import VM

/// A VM's folder in a temporary place, removed with this object.
final class TemporaryVM {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  init() {
    _ = StrayChildren.reaper
    folder = TemporaryFolder("machine")
    for name in ["jobs", "sys/log", "sys/run"] { makeFolder(name) }
  }

  /// The absolute path of a file in it.
  func at(_ name: String) -> String { folder.at(name) }

  func makeFolder(_ name: String, mode: mode_t = 0o755) { folder.makeFolder(name, mode: mode) }

  /// Writes a file and its folders.
  func write(_ name: String, _ text: String, mode: mode_t = 0o644) {
    write(name, bytes: Array(text.utf8), mode: mode)
  }

  /// Writes a file and its folders.
  func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o644) {
    folder.write(name, bytes: bytes, mode: mode)
  }

  /// Writes a release job's script: `sh`, after its first line.
  func script(_ releaseJob: String, _ name: String, _ body: String) {
    folder.script("jobs/\(releaseJob)/bin/\(name)", body)
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
