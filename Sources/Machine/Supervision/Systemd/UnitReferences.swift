import CLinux
import Clock
import Glibc
import System

/// Keeps systemd from forgetting units while they are looked at.
///
/// systemd unloads a unit as soon as it is inactive and nobody refers to it, and with it all that
/// would tell why: whether a condition was met, how its process ended. `systemctl show` then reads
/// the file anew and says that all is well. A reference is held by a connection to the system bus,
/// which no call of systemctl keeps open; so this one speaks as much D-Bus as `RefUnit` needs.
final class UnitReferences {
  /// Where the system bus listens (D-Bus specification, Well-known Message Bus Instances).
  static let socketPath = "/run/dbus/system_bus_socket"
  /// For the bus and for systemd to answer; without an answer there are no references.
  private static let patience = Duration.seconds(3)
  private static let mostBytes = 1 << 20

  private let loop: EventLoop
  private var socket: Descriptor?
  private var watch: WatchToken?
  private var timer: TimerToken?
  private var ready: (() -> Void)?
  private var replies = DBusReplies()
  private let awaited: Int

  /// Begins to take references.
  ///
  /// - Parameters:
  ///   - units: whole names.
  ///   - loop: the loop.
  ///   - ready: called once, from the loop: when there is a reference to each unit that is known, or
  ///     it is plain that there are to be none. Not after `close`.
  init(_ units: [String], on loop: EventLoop, ready: @escaping () -> Void) {
    self.loop = loop
    self.ready = ready
    // One to the greeting, and one to each reference.
    awaited = units.count + 1
    if !begin(units) { timer = loop.arm(at: .now) { [self] in finish() } }
  }

  /// Gives the references up.
  func close() {
    ready = nil
    release()
    socket = nil
  }

  private func begin(_ units: [String]) -> Bool {
    let number = lockstep_socket(AF_UNIX)
    if number < 0 { return false }
    let descriptor = Descriptor(owning: number)
    if !Self.connect(number) { return false }
    // The greeting of SASL, our number as its text in hexadecimal digits; then calls at once.
    let user = "\(geteuid())".utf8.map { String($0, radix: 16) }.joined()
    var bytes = Array("\0AUTH EXTERNAL \(user)\r\nBEGIN\r\n".utf8)
    bytes += DBusCall.hello.bytes(serial: 1)
    for (index, unit) in units.enumerated() {
      bytes += DBusCall.reference(to: unit).bytes(serial: UInt32(index + 2))
    }
    // What does not go into the socket's buffer at once is no greeting but a flood.
    let flags = Int32(MSG_NOSIGNAL)
    if send(number, bytes, bytes.count, flags) != bytes.count { return false }
    do throws(SystemError) {
      watch = try loop.watch(number, for: .reading) { [self] in take() }
    } catch {
      return false
    }
    socket = consume descriptor
    timer = loop.arm(after: Self.patience) { [self] in finish() }
    return true
  }

  private static func connect(_ number: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(socketPath.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    return withUnsafeBytes(of: &address) {
      lockstep_connect(number, $0.baseAddress, socklen_t($0.count)) == 0
    }
  }

  private func take() {
    guard let number = socket?.number else { return }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = buffer.withUnsafeMutableBytes { recv(number, $0.baseAddress, $0.count, 0) }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    if count <= 0 || replies.length > Self.mostBytes {
      // The bus wants nothing of us.
      release()
      socket = nil
      return finish()
    }
    replies.add(buffer.prefix(count))
    if replies.count >= awaited { finish() }
  }

  private func finish() {
    release()
    let ready = ready
    self.ready = nil
    ready?()
  }

  private func release() {
    if let timer { loop.disarm(timer) }
    timer = nil
    if let watch { loop.cancel(watch) }
    watch = nil
  }
}

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

  /// Of the first message; nil where its beginning has not come.
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
