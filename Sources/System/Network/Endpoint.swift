import CLinux
import Glibc
import Words

/// Where a server listens: a host and a TCP port, as in `127.0.0.1:8080`, `db.internal:5432` or
/// `[::1]:80`, or a socket's file.
package struct Endpoint: Hashable, Sendable {
  var host: String
  var port: UInt16
  /// The path of a Unix domain socket, instead of host and port.
  package private(set) var socketFile: String?

  package init(socketFile: String) {
    host = "localhost"
    port = 0
    self.socketFile = socketFile
  }

  /// For people, and as HTTP's `Host` unless it is a file.
  package var shown: String {
    socketFile ?? (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`; nil for anything else, and for port 0.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, !host.utf8.contains(0),
      let port = UInt16(text[text.index(after: colon)...]),
      port != 0
    else { return nil }
    self.init(host: String(host), port: port)
  }
}
