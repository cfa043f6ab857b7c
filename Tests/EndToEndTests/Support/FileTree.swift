import Glibc
import Testing

/// Files and folders, without Foundation.
enum FileTree {
  /// Makes a folder and its parents.
  static func makeFolder(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/\(part)"
      if mkdir(made, 0o755) != 0, errno != EEXIST { try check(-1, "mkdir \(made)") }
    }
  }

  /// Makes a named pipe that nobody has open.
  static func makeNamedPipe(_ path: String) throws {
    try check(mkfifo(path, 0o666), "mkfifo \(path)")
  }

  /// The bytes of a file; nil if it cannot be read.
  static func bytes(_ path: String) -> [UInt8]? {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return nil }
    let file = Handle(owning: number)
    var bytes: [UInt8] = []
    while file.read(into: &bytes) {}
    return bytes
  }

  /// The names in a folder, sorted; empty if it cannot be listed.
  static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The target of a link; nil for anything else.
  static func target(ofLink path: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let length = readlink(path, base, buffer.count - 1)
      if length < 0 { return nil }
      buffer[length] = 0
      return String(cString: base)
    }
  }

  /// The type of a path; links are not followed.
  static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  /// The permission bits of a path in octal, as in `750`.
  static func mode(_ path: String) -> String? {
    status(path).map { String($0.st_mode & 0o7777, radix: 8) }
  }

  /// Everything beneath a folder, one line each: kind, mode, size, number, both times, path.
  ///
  /// Two equal listings mean that nothing was changed in between.
  static func listing(_ path: String) -> [String] {
    var lines: [String] = []
    visit(path) { path, status in
      lines.append(
        "\(status.st_mode & S_IFMT == S_IFDIR ? "folder" : "file") "
          + "\(String(status.st_mode, radix: 8)) \(status.st_size) \(status.st_ino) "
          + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
          + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec) \(path)"
      )
    }
    return lines
  }

  /// Fails the test unless a listing is as it was before.
  static func expectUnchanged(
    _ path: String,
    since before: [String],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let changes = listing(path).difference(from: before)
    if changes.isEmpty { return }
    let lines = changes.map { change in
      switch change {
      case .remove(_, let line, _): "- \(line)"
      case .insert(_, let line, _): "+ \(line)"
      }
    }
    Issue.record(
      "changed:\n\(lines.joined(separator: "\n"))",
      sourceLocation: location
    )
  }

  /// The paths of everything beneath a folder, relative to it, sorted; folders end in `/`.
  static func paths(_ folder: String) -> [String] {
    var paths: [String] = []
    visit(folder) { path, status in
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      if path != folder { paths.append(path.dropFirst(folder.count + 1) + (isFolder ? "/" : "")) }
    }
    return paths.sorted()
  }

  /// Removes a folder with everything in it.
  static func remove(_ path: String) {
    // A test may have removed our own permissions.
    if let status = status(path), status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      for name in names(path) { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  private static func visit(_ path: String, _ body: (String, stat) -> Void) {
    guard let status = status(path) else { return }
    body(path, status)
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in names(path) { visit("\(path)/\(name)", body) }
    }
  }
}
