import PlanLanguage
import Words

/// A host as it is written: `root@10.0.16.5:22`, `[fe80::1]:22`, or
/// `ssh://root@10.0.16.5:22/var/vcap`.
struct HostAddress {
  var user: String?
  var name = ""
  var port: UInt16?
  /// The path of a URL.
  var root: String?

  private static let scheme = "ssh://"

  /// Reads a host.
  ///
  /// - Parameters:
  ///   - text: the whole word.
  ///   - hasCarrier: whether a command is named that connects to it, which then knows its names.
  /// - Throws: what is wrong with it.
  init(_ text: String, hasCarrier: Bool) throws(HostMistake) {
    let bytes = Array(text.utf8)
    var range = 0..<bytes.count
    if text.hasPrefix(Self.scheme) {
      range = Self.scheme.utf8.count..<bytes.count
      if let slash = bytes[range].firstIndex(of: UInt8(ascii: "/")) {
        root = Self.text(bytes[slash...])
        range = range.lowerBound..<slash
      }
    } else if let colon = bytes.firstRange(of: Array("://".utf8)) {
      let scheme = Self.text(bytes[..<colon.lowerBound])
      throw HostMistake(
        range: 0..<colon.upperBound,
        message: "\(quoted(scheme + "://")) is no way to a host",
        note: "write USER@HOST:PORT; 'via=COMMAND' names another way than ssh"
      )
    }
    if let at = bytes[range].lastIndex(of: UInt8(ascii: "@")) {
      user = try Self.user(bytes, range.lowerBound..<at)
      range = (at + 1)..<range.upperBound
    }
    try readNameAndPort(bytes, range, hasCarrier)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static func user(_ bytes: [UInt8], _ range: Range<Int>) throws(HostMistake) -> String {
    let user = text(bytes[range])
    if user.isEmpty {
      throw HostMistake(
        range: range.lowerBound..<(range.upperBound + 1),
        message: "no user before '@'",
        note: "leave the '@' out to log in as the user that the carrier chooses"
      )
    }
    if user.hasPrefix("-") {
      throw HostMistake(
        range: range,
        message: "the user \(quoted(user)) begins with '-'",
        note: "ssh would take it for an option"
      )
    }
    if user.contains(":") {
      throw HostMistake(
        range: range,
        message: "the user \(quoted(user)) contains ':'",
        note: "passwords have no place here; use a key, and ssh's own agent or configuration"
      )
    }
    // OpenSSH refuses the same.
    if let bad = user.unicodeScalars.first(where: { $0.value <= 0x20 || $0.value == 0x7F })
      ?? user.unicodeScalars.first(where: { "'`\";&<>|(){}$".unicodeScalars.contains($0) })
    {
      throw HostMistake(range: range, message: "a user's name cannot contain \(shown(bad))")
    }
    return user
  }

  private mutating func readNameAndPort(
    _ bytes: [UInt8],
    _ range: Range<Int>,
    _ hasCarrier: Bool
  ) throws(HostMistake) {
    var end = range.upperBound
    if bytes[range].first == UInt8(ascii: "[") {
      guard let close = bytes[range].firstIndex(of: UInt8(ascii: "]")) else {
        throw HostMistake(range: range, message: "'[' without ']'")
      }
      let inside = (range.lowerBound + 1)..<close
      name = Self.text(bytes[inside])
      if !IPAddress.isV6(name) {
        throw HostMistake(
          range: inside.isEmpty ? range : inside,
          message: "\(quoted(name)) is not an IPv6 address",
          note: "only these are written in brackets"
        )
      }
      if close + 1 < end {
        if bytes[close + 1] != UInt8(ascii: ":") {
          throw HostMistake(
            range: (close + 1)..<end,
            message: "\(quoted(Self.text(bytes[(close + 1)..<end]))) after ']'",
            note: "only ':' and a port can follow"
          )
        }
        port = try Self.port(bytes, (close + 2)..<end)
      }
      return
    }
    let colons = bytes[range].indices { $0 == UInt8(ascii: ":") }
    let whole = Self.text(bytes[range])
    if colons.ranges.reduce(0, { $0 + $1.count }) > 1 {
      throw HostMistake(
        range: range,
        message: "\(quoted(whole)) contains more than one ':'",
        note: IPAddress.isV6(whole) ? "an IPv6 address is written in brackets" : nil,
        replacement: IPAddress.isV6(whole) ? "[\(whole)]" : nil
      )
    }
    if let colon = colons.ranges.first?.lowerBound {
      port = try Self.port(bytes, (colon + 1)..<end)
      end = colon
    }
    name = Self.text(bytes[range.lowerBound..<end])
    try check(range.lowerBound..<end, hasCarrier)
  }

  private static func port(_ bytes: [UInt8], _ range: Range<Int>) throws(HostMistake) -> UInt16 {
    let text = text(bytes[range])
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isNumber, let port = UInt16(text), port > 0 { return port }
    throw HostMistake(
      range: range.isEmpty ? (range.lowerBound - 1)..<range.upperBound : range,
      message: text.isEmpty ? "no port after ':'" : "\(quoted(text)) is not a port",
      note: "a port is a number from 1 to 65535"
    )
  }

  /// Whether a name can be a host's, its placeholders left out.
  private func check(_ range: Range<Int>, _ hasCarrier: Bool) throws(HostMistake) {
    if name.isEmpty {
      throw HostMistake(
        range: range.isEmpty ? max(0, range.lowerBound - 1)..<range.upperBound : range,
        message: "the name of the host is empty"
      )
    }
    if name.hasPrefix("-") {
      throw HostMistake(
        range: range,
        message: "the name of the host, \(quoted(name)), begins with '-'",
        note: "ssh and others would take it for an option"
      )
    }
    let text: PlaceholderText
    do throws(PlaceholderText.Mistake) {
      text = try PlaceholderText(name, allowed: Placeholder.ofInstance)
    } catch {
      throw HostMistake(
        range: (range.lowerBound + error.range.lowerBound)..<(range.lowerBound
          + error.range.upperBound),
        message: error.message,
        note: error.meant == nil
          ? "in the name of a host there can be {instance}, {job} and {index}" : nil,
        replacement: error.meant
      )
    }
    if text.placeholders.contains(.instance), !hasCarrier {
      throw HostMistake(
        range: range,
        message: "'{instance}' contains '/', and no host's name does",
        note: "write {job} and {index}, such as {job}-{index}.example.org"
      )
    }
    let bare = text.filled { _ in "x" }
    let bad = bare.unicodeScalars.first { scalar in
      if scalar.isASCII, UInt8(scalar.value).isLetterOrDigit { return false }
      return !("._-" + (hasCarrier ? "/" : "")).unicodeScalars.contains(scalar)
    }
    if let bad {
      throw HostMistake(range: range, message: "the name of a host cannot contain \(shown(bad))")
    }
    if bare.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      !IPAddress.isV4(bare), !hasCarrier
    {
      throw HostMistake(range: range, message: "\(quoted(name)) is not an IPv4 address")
    }
    if name.utf8.count > 253 {
      throw HostMistake(range: range, message: "the name of a host has at most 253 characters")
    }
  }
}

/// A character for people: itself if it can be told from others, and its number if not.
private func shown(_ scalar: Unicode.Scalar) -> String {
  if (0x21..<0x7F).contains(scalar.value) { return "'\(scalar)'" }
  if scalar == " " { return "a blank" }
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}

/// Addresses of the internet protocol as texts.
enum IPAddress {
  /// Whether a text is four numbers up to 255.
  static func isV4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
          && UInt8(part) != nil
      }
  }

  /// Whether a text is an IPv6 address as RFC 4291 writes it, perhaps with a zone.
  static func isV6(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      let isZone = parts[1].utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
      if parts[1].isEmpty || !isZone { return false }
    }
    guard let address = parts.first, address.utf8.count <= 45 else { return false }
    let halves = String(address).split(separator: "::", omittingEmptySubsequences: false)
    if halves.count > 2 { return false }
    var count = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
      let groups = half.split(separator: ":", omittingEmptySubsequences: false)
      for (place, group) in groups.enumerated() {
        if place == groups.count - 1, index == halves.count - 1, isV4(group) {
          count += 2
        } else if (1...4).contains(group.utf8.count), group.utf8.allSatisfy(isHexDigit) {
          count += 1
        } else {
          return false
        }
      }
    }
    return halves.count == 2 ? count < 8 : count == 8
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }
}
