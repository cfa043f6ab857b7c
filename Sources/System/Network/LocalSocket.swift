import CLinux
import Glibc

/// Sockets by which processes of one machine reach one another, by a path.
///
/// All of them are closed in children, and none blocks.
package enum LocalSocket {
  /// Makes a socket that others can connect to, in place of one that is there.
  ///
  /// - Parameter path: at most 107 bytes.
  /// - Returns: the socket.
  /// - Throws: what the system says.
  package static func listen(at path: String) throws(SystemError) -> Descriptor {
    unlink(path)
    let address = try address(path)
    let socket = try Descriptor(lockstep_socket(AF_UNIX), "socket")
    let result = with(address) { bind(socket.number, $0, $1) }
    if result != 0 || Glibc.listen(socket.number, 8) != 0 {
      throw SystemError("listen at \(path)", number: errno)
    }
    return socket
  }

  /// Takes the next connection that somebody made; nil if there is none.
  package static func accept(_ socket: Int32) -> Descriptor? {
    let number = Glibc.accept(socket, nil, nil)
    if number < 0 { return nil }
    let descriptor = Descriptor(owning: number)
    let flags = fcntl(number, F_GETFL)
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0,
      fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0
    else { return nil }
    return descriptor
  }

  /// Connects to a socket.
  ///
  /// - Parameter path: at most 107 bytes.
  /// - Returns: the socket.
  /// - Throws: what the system says, such as `ECONNREFUSED` if nobody listens.
  package static func connect(to path: String) throws(SystemError) -> Descriptor {
    let address = try address(path)
    let socket = try Descriptor(lockstep_socket(AF_UNIX), "socket")
    if with(address, { lockstep_connect(socket.number, $0, $1) }) != 0 {
      throw SystemError("connect to \(path)", number: errno)
    }
    return socket
  }

  /// Removes a socket's path.
  package static func remove(_ path: String) { unlink(path) }

  private static func address(_ path: String) throws(SystemError) -> SocketAddress {
    guard let address = SocketAddress.unix(path) else {
      throw SystemError("use \(path) for a socket", number: ENAMETOOLONG)
    }
    return address
  }

  private static func with(
    _ address: SocketAddress,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    address.bytes.withUnsafeBytes { bytes in
      guard let start = bytes.bindMemory(to: sockaddr.self).baseAddress else { return -1 }
      return body(start, socklen_t(bytes.count))
    }
  }
}
