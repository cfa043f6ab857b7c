import Glibc
import System
import VM
import Words

/// Speaks with one monit.
final class MonitClient {
  let settings: MonitSettings
  private let loop: EventLoop
  private var exchange: HTTPExchange?

  /// monit 5.33 requires the same word, any word, as a cookie and in the body of each POST; older
  /// versions ignore it.
  private let token: String

  init(_ settings: MonitSettings, on loop: EventLoop) {
    self.settings = settings
    self.loop = loop
    var generator = SystemRandomNumberGenerator()
    token = String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
  }

  /// Why a request failed.
  enum Failure: Error, Hashable {
    /// No answer came.
    case unreachable(String)
    /// It answers, and another try would end the same way; one line for people.
    case refused(String)
    /// It is busy: the same may work in a moment.
    case busy
  }

  /// Asks for the state of everything; one request at a time.
  func status(_ done: @escaping (Result<MonitStatus, Failure>) -> Void) {
    let request = "GET /_status2?format=xml HTTP/1.0\r\n\(headers)\r\n"
    send(request) { [self] result in
      done(
        result.flatMap { response in
          guard response.status == 200 else { return .failure(failure(response.status, "")) }
          do throws(PlainFailure) {
            return .success(try MonitStatus(response.body))
          } catch {
            return .failure(.refused("monit at \(shown): \(error.words)"))
          }
        }
      )
    }
  }

  /// Asks for an action on a service; the answer only says that it was taken.
  func act(
    _ action: String,
    on service: String,
    _ done: @escaping (Result<Void, Failure>) -> Void
  ) {
    let body = "securitytoken=\(token)&action=\(action)"
    let request =
      "POST /\(Self.escaped(service)) HTTP/1.0\r\n\(headers)Cookie: securitytoken=\(token)\r\n"
      + "Content-Type: application/x-www-form-urlencoded\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    send(request) { [self] result in
      done(
        result.flatMap { response in
          (200..<400).contains(response.status)
            ? .success(()) : .failure(failure(response.status, service))
        }
      )
    }
  }

  /// Drops the answer.
  func cancel() {
    exchange?.cancel()
    exchange = nil
  }

  private func send(
    _ request: String,
    _ done: @escaping (Result<HTTPResponse, Failure>) -> Void
  ) {
    exchange = HTTPExchange(Array(request.utf8), to: settings.endpoint, on: loop) { [self] in
      exchange = nil
      done($0.mapError { .unreachable($0.words) })
    }
  }

  private func failure(_ status: Int, _ service: String) -> Failure {
    switch status {
    case 401, 403:
      .refused(
        "monit at \(shown) refuses our user (HTTP \(status)); see 'allow' in its control file"
      )
    case 404: .refused("monit at \(shown) does not know \(quoted(service)); reload monit")
    case 503: .busy
    default: .refused("monit at \(shown) answered HTTP \(status)")
    }
  }

  /// Where it is, for messages.
  var shown: String { settings.endpoint.shown }

  private var headers: String {
    let host = settings.endpoint.socketFile == nil ? shown : "localhost"
    var lines = "Host: \(host)\r\nConnection: close\r\n"
    if let credentials = settings.credentials {
      let pair = Array("\(credentials.user):\(credentials.password)".utf8)
      lines += "Authorization: Basic \(Self.base64(pair))\r\n"
    }
    return lines
  }

  /// RFC 3986: everything but letters, digits and `-._~` as %XX.
  private static func escaped(_ name: String) -> String {
    var result = ""
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + padded(byte, to: 2, radix: 16, uppercase: true)
      }
    }
    return result
  }

  /// RFC 4648, with padding.
  static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var result = ""
    var start = 0
    while start < bytes.count {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var value: UInt32 = 0
      for byte in part { value = value << 8 | UInt32(byte) }
      value <<= UInt32(8 * (3 - part.count))
      for place in 0..<4 {
        let letter = letters[Int(value >> UInt32(18 - 6 * place)) & 63]
        result.append(place <= part.count ? letter : "=")
      }
      start += 3
    }
    return result
  }
}
