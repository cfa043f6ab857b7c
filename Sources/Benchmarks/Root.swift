import Glibc

/// A VM root for benchmarks: release jobs `job-1000000` and so on, each with one script.
struct BenchmarkRoot {
  /// The folder.
  let path: String

  /// Makes a root whose scripts are all hard links to one file.
  ///
  /// - Parameters:
  ///   - path: the path of the folder, which must not exist.
  ///   - count: how many release jobs.
  ///   - script: the file to copy.
  /// - Throws: what could not be made.
  init(_ path: String, _ count: Int, copying script: String) throws(Failure) {
    self.path = path
    for folder in ["", "/jobs", "/sys", "/sys/log", "/sys/run"] { try makeFolder(path + folder) }
    let copy = path + "/script"
    _ = try Program("/bin/cp", [script, copy]).run()
    for index in 0..<count {
      let folder = "\(path)/jobs/\(Self.name(index))"
      try makeFolder(folder)
      try makeFolder(folder + "/bin")
      try makeFolder("\(path)/sys/log/\(Self.name(index))")
      if link(copy, folder + "/bin/pre-start") != 0 {
        throw Failure("cannot make \(folder)/bin/pre-start: \(errorText())")
      }
    }
  }

  /// Makes a root whose scripts all have this text.
  init(_ path: String, _ count: Int, script text: String, in scratch: String) throws(Failure) {
    let script = "\(scratch)/script"
    try writeText(text, to: script)
    if chmod(script, 0o755) != 0 { throw Failure("cannot make \(script): \(errorText())") }
    try self.init(path, count, copying: script)
  }

  /// The name of a release job; all names have the same length.
  static func name(_ index: Int) -> String { "job-\(1_000_000 + index)" }

  /// The records of the last run on it.
  ///
  /// - Throws: if there are none.
  func journal() throws(Failure) -> String {
    guard
      let text = Program.output("/bin/sh", ["-c", "cat \"$0\"/data/lockstep/runs/*/journal", path])
    else { throw Failure("no run was recorded in \(path)") }
    return text
  }

  /// Everything that a release job's script has written.
  func log(_ index: Int) -> String? {
    contents(of: "\(path)/sys/log/\(Self.name(index))/pre-start.stdout.log")
  }
}

/// Writes a small file.
func writeText(_ text: String, to path: String) throws(Failure) {
  var file = try TextFile(path)
  try file.write(text)
  try file.finish()
}
