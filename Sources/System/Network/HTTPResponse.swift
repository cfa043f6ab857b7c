import CLinux
import Clock
import Glibc

/// What a server answered.
package struct HTTPResponse: Hashable, Sendable {
  /// The status code, as in 200.
  package var status: Int
  package var body: [UInt8]

  /// Reads a complete HTTP/1.0 or 1.1 answer, ended by closing the connection.
  ///
  /// - Throws: one line for people.
  init(_ bytes: [UInt8]) throws(PlainFailure) {
    let separator = Array("\r\n\r\n".utf8)
    guard bytes.starts(with: "HTTP/1.".utf8), let head = bytes.firstRange(of: separator) else {
      throw PlainFailure(words: bytes.isEmpty ? "no answer" : "the answer is not HTTP")
    }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
      .split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else {
      throw PlainFailure(words: "the answer has no status")
    }
    self.status = status
    body = Array(bytes[head.upperBound...])
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "content-length",
        let length = Int(parts[1].drop { $0 == " " }), body.count < length
      {
        throw PlainFailure(words: "the answer ended after \(body.count) of \(length) bytes")
      }
    }
  }
}

extension Array where Element == UInt8 {
  /// The first position of `part`.
  fileprivate func firstRange(of part: [UInt8]) -> Range<Int>? {
    guard count >= part.count else { return nil }
    for start in 0...(count - part.count) where self[start] == part[0] {
      if self[start..<(start + part.count)].elementsEqual(part) {
        return start..<(start + part.count)
      }
    }
    return nil
  }
}
