import Glibc
import Testing

/// A real monit that watches the processes of a VM; it ends with this object.
final class RealMonit {
  /// Its control file.
  let controlFile: String
  private let daemon: RunningCommand

  /// Starts it and waits until it answers.
  init(_ vm: TestVM, _ location: SourceLocation = #_sourceLocation) throws {
    let port = try LocalPort.free()
    let sandbox = vm.sandbox
    for releaseJob in FileTree.names("\(vm.path)/jobs") {
      // monit needs absolute paths and private files, and must not start anything by itself.
      let control = sandbox.text("\(vm.name)/jobs/\(releaseJob)/monit") ?? ""
      let absolute = control.split(separator: "\n").map { line -> String in
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        return words.map { word in
          if word.hasPrefix("sys/") { return "\(vm.path)/\(word)" }
          if word.hasPrefix("\"jobs/") { return "\"\(vm.path)/\(word.dropFirst())" }
          return String(word)
        }.joined(separator: " ")
      }
      let text = absolute.joined(separator: "\n") + "\n  onreboot nostart\n"
      try sandbox.write("\(vm.name)/jobs/\(releaseJob)/monit", text, mode: 0o600)
    }
    let users = try sandbox.write("monit.users", "vcap:a secret\n", mode: 0o600)
    controlFile = try sandbox.write(
      "monitrc",
      """
      set daemon 1
      set pidfile \(sandbox["monit.pid"])
      set idfile \(sandbox["monit.id"])
      set statefile \(sandbox["monit.state"])
      set httpd port \(port) and use address 127.0.0.1 allow cleartext \(users)
      include \(vm.path)/jobs/*/monit

      """,
      mode: 0o600
    )
    let log = try sandbox.write("monit.log", "")
    daemon = try RunningCommand(
      Tool.monit.path,
      ["-I", "-c", controlFile],
      environment: Lockstep.environment,
      folder: sandbox.path,
      stdout: .file(log),
      stderr: .file(log)
    )
    let deadline = Deadline()
    while !LocalPort.answers(port) {
      if deadline.milliseconds == 0 {
        let words = sandbox.text("monit.log") ?? ""
        throw Hang(description: "monit does not answer: \(words)", location)
      }
      _ = poll(nil, 0, 5)
    }
  }
}
