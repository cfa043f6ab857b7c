import Glibc

/// A folder in a temporary place, removed with this object.
package final class TemporaryFolder: Sendable {
  /// Absolute, without links.
  package let path: String

  /// Makes it in `/tmp`, with a part of its name; everybody may look into it.
  package init(_ name: String) {
    var template = Array("/tmp/lockstep-\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder") }
    let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let real = realpath(made, nil) else { preconditionFailure("no temporary folder") }
    path = String(cString: real)
    free(real)
    chmod(path, 0o755)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    chmod(path, 0o700)
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The absolute path of a file in it.
  package func at(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a folder in it, with the folders that it needs.
  package func makeFolder(_ name: String, mode: UInt32 = 0o755) {
    makeFolders(of: name)
    mkdir(at(name), mode)
    chmod(at(name), mode)
  }

  /// Makes the folders that a file of this name needs.
  private func makeFolders(of name: String) {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/\(part)"
      mkdir(folder, 0o755)
    }
  }

  /// Writes a file, with the folders that it needs.
  package func write(_ name: String, bytes: [UInt8], mode: UInt32 = 0o644) {
    makeFolders(of: name)
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

  /// Writes a script for `sh` without its first line, with the folders that it needs.
  package func script(_ name: String, _ body: String) {
    write(name, bytes: Array("#!/bin/sh\n\(body)\n".utf8), mode: 0o755)
  }
}
