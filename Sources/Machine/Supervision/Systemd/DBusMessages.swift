import CLinux
import Clock
import Glibc
import System

/// A method call of D-Bus with at most one argument, a text (D-Bus specification, Message Format).
struct DBusCall {
  var destination: String
  var path: String
  var interface: String
  var member: String
  var argument: String?

  /// The first call on a bus.
  static let hello = DBusCall(
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    member: "Hello"
  )

  /// systemd keeps a unit loaded for as long as the caller's connection lasts.
  static func reference(to unit: String) -> DBusCall {
    DBusCall(
      destination: "org.freedesktop.systemd1",
      path: "/org/freedesktop/systemd1",
      interface: "org.freedesktop.systemd1.Manager",
      member: "RefUnit",
      argument: unit
    )
  }

  /// The message.
  func bytes(serial: UInt32) -> [UInt8] {
    var fields: [UInt8] = []
    let texts: [(code: UInt8, type: Character, value: String)] = [
      (1, "o", path), (2, "s", interface), (3, "s", member), (6, "s", destination),
    ]
    for (code, type, value) in texts {
      Self.align(&fields, 8)
      fields += [code, 1] + Array("\(type)\0".utf8) + Self.text(value)
    }
    var body: [UInt8] = []
    if let argument {
      Self.align(&fields, 8)
      // The signature of the body: one text.
      fields += [8, 1] + Array("g\0".utf8) + [1] + Array("s\0".utf8)
      body = Self.text(argument)
    }
    // Little endian, a call, no flags, the first version of the protocol.
    var message: [UInt8] = [UInt8(ascii: "l"), 1, 0, 1]
    message += Self.number(UInt32(body.count)) + Self.number(serial)
    message += Self.number(UInt32(fields.count)) + fields
    Self.align(&message, 8)
    return message + body
  }

  private static func number(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private static func text(_ value: String) -> [UInt8] {
    number(UInt32(value.utf8.count)) + Array(value.utf8) + [0]
  }

  private static func align(_ bytes: inout [UInt8], _ size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }
}

/// Counts the replies in what a bus writes, good ones and errors; what they say does not matter.
struct DBusReplies {
  /// How many have come as a whole.
  private(set) var count = 0
  private var bytes: [UInt8] = []
  private var isGreeted = false

  /// How much is kept of what has not come as a whole.
  var length: Int { bytes.count }

  /// Takes what has come.
  mutating func add(_ more: ArraySlice<UInt8>) {
    bytes += more
    if !isGreeted {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return }
      bytes.removeSubrange(...end)
      isGreeted = true
    }
    while let size = size, bytes.count >= size {
      // A reply or an error; the others are signals.
      if bytes[1] == 2 || bytes[1] == 3 { count += 1 }
      bytes.removeSubrange(..<size)
    }
  }

  /// The length of the first message; nil if its beginning has not arrived.
  private var size: Int? {
    if bytes.count < 16 { return nil }
    return 16 + (number(at: 12) + 7) / 8 * 8 + number(at: 4)
  }

  private func number(at index: Int) -> Int {
    let four = bytes[index..<(index + 4)]
    let isLittle = bytes[0] == UInt8(ascii: "l")
    return (isLittle ? four.reversed() : Array(four)).reduce(0) { $0 << 8 | Int($1) }
  }
}
