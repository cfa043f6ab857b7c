import CLinux
import Glibc
import Words

/// An address to connect to: the bytes of a `sockaddr` and its family.
struct SocketAddress: Hashable, Sendable {
  var family: Int32
  var bytes: [UInt8]

  /// The addresses of an endpoint, in the order in which to try them; may ask name servers, and
  /// wait for them, unless `isNumeric`.
  ///
  /// - Parameters:
  ///   - endpoint: whose addresses.
  ///   - isNumeric: whether only a host that is an address already is taken.
  /// - Returns: the addresses, or the resolver's words for why there are none.
  static func find(_ endpoint: Endpoint, isNumeric: Bool) -> Result<[SocketAddress], PlainFailure> {
    if let file = endpoint.socketFile {
      guard let address = unix(file) else {
        return .failure(PlainFailure(words: "\(quoted(file)) is too long for a socket's path"))
      }
      return .success([address])
    }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | (isNumeric ? AI_NUMERICHOST : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
    if result != 0 {
      let words = gai_strerror(result).map { String(cString: $0) } ?? "error \(result)"
      return .failure(PlainFailure(words: "\(quoted(endpoint.host)) has no address: \(words)"))
    }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next {
      let bytes = UnsafeRawBufferPointer(
        start: entry.pointee.ai_addr,
        count: Int(entry.pointee.ai_addrlen)
      )
      found.append(SocketAddress(family: entry.pointee.ai_family, bytes: Array(bytes)))
      next = entry.pointee.ai_next
    }
    return .success(found)
  }

  /// The address of a socket at a path; nil if the path is too long.
  static func unix(_ path: String) -> SocketAddress? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
      guard bytes.count < place.count else { return false }
      place.copyBytes(from: bytes)
      return true
    }
    if !fits { return nil }
    return SocketAddress(family: AF_UNIX, bytes: withUnsafeBytes(of: address) { Array($0) })
  }
}
