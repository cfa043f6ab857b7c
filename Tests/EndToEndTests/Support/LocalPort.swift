import Glibc

/// Ports of the loopback interface.
enum LocalPort {
  /// Whether something listens on a port.
  static func answers(_ port: UInt16) -> Bool {
    withSocket(port) { socket, address, length in connect(socket, address, length) == 0 }
  }

  /// A port of the loopback interface that nothing listens on now.
  static func free() throws -> UInt16 {
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
