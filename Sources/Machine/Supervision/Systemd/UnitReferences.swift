import CLinux
import Clock
import Glibc
import System

/// Keeps systemd from unloading units while they are checked.
///
/// systemd unloads a unit as soon as it is inactive and nothing refers to it. With it goes
/// everything that would say why: whether a condition was met, how its process ended. `systemctl
/// show` then reads the file again and reports that all is well. A reference belongs to a
/// connection to the system bus, and systemctl keeps none open; so this type speaks as much D-Bus
/// as `RefUnit` needs.
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
  ///   - ready: called once, from the loop: when there is a reference to each known unit, or it is
  ///     certain that there will be none. Not after `close`.
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
    // A greeting fits into the socket's buffer at once.
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
      // The bus requests nothing from us.
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
