import Glibc

/// A folder with the layout of a BOSH VM, for a test.
struct TestVM {
  let sandbox: Sandbox
  /// Relative to the sandbox, where the command runs too.
  let name: String
  /// Absolute.
  var path: String { sandbox[name] }

  /// Makes an empty one.
  init(_ sandbox: Sandbox, _ name: String) throws {
    self.sandbox = sandbox
    self.name = name
    for folder in ["jobs", "sys/log", "sys/run"] { try sandbox.folder("\(name)/\(folder)") }
  }

  /// Adds a release job.
  ///
  /// Its scripts are given as bodies for /bin/sh.
  func releaseJob(
    _ releaseJob: String,
    _ scripts: KeyValuePairs<String, String> = [:],
    monit: String? = nil
  ) throws {
    try sandbox.folder("\(name)/jobs/\(releaseJob)/bin")
    for (script, body) in scripts { try self.script(releaseJob, script, "#!/bin/sh\n\(body)\n") }
    if let monit { try sandbox.write("\(name)/jobs/\(releaseJob)/monit", monit) }
  }

  /// Writes a script exactly as given.
  func script(
    _ releaseJob: String,
    _ script: String,
    _ text: String,
    mode: mode_t = 0o755
  ) throws {
    try sandbox.write("\(name)/jobs/\(releaseJob)/bin/\(script)", text, mode: mode)
  }

  /// A line for a script that appends words to the sandbox's file `order` in one write.
  func note(_ words: String) -> String { "echo '\(words)' >> '\(sandbox["order"])'" }

  /// The lines of the sandbox's file `order`.
  var order: [String] { sandbox.lines("order") }

  /// The text of a release job's log, as in `log("web", "pre-start.stderr")`.
  func log(_ releaseJob: String, _ log: String) -> String? {
    sandbox.text("\(name)/sys/log/\(releaseJob)/\(log).log")
  }

  /// The absolute path of a release job's log.
  func logPath(_ releaseJob: String, _ log: String) -> String {
    "\(path)/sys/log/\(releaseJob)/\(log).log"
  }
}
