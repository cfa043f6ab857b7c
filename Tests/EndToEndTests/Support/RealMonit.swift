import Glibc
import Testing

/// A real monit that watches the processes of a VM; it ends with this object.
final class RealMonit {
  /// Its control file.
  let controlFile: String
  private let daemon: RunningCommand

  /// Starts it and waits until it answers.
  init(_ vm: TestVM, _ location: SourceLocation = #_sourceLocation) throws {
    let port = try Self.freePort()
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
    while !Self.answers(port) {
      if deadline.milliseconds == 0 {
        let words = sandbox.text("monit.log") ?? ""
        throw Hang(description: "monit does not answer: \(words)", location)
      }
      _ = poll(nil, 0, 5)
    }
  }

  private static func answers(_ port: UInt16) -> Bool {
    withSocket(port) { socket, address, length in connect(socket, address, length) == 0 }
  }

  /// A port of the loopback interface that nothing listens on now.
  private static func freePort() throws -> UInt16 {
    var port: UInt16 = 0
    _ = withSocket(0) { socket, address, length in
      var length = length
      guard bind(socket, address, length) == 0 else { return false }
      var found = sockaddr_in()
      let result = withUnsafeMutablePointer(to: &found) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          getsockname(socket, $0, &length)
        }
      }
      port = UInt16(bigEndian: found.sin_port)
      return result == 0
    }
    if port == 0 { throw SystemFailure(description: "no port is free") }
    return port
  }

  private static func withSocket(
    _ port: UInt16,
    _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
  ) -> Bool {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { return false }
    let handle = Handle(owning: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(handle.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
