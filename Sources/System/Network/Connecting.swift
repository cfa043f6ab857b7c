import CLinux
import Clock
import Glibc

/// One attempt to connect to an endpoint, on the loop.
///
/// The addresses of the host are tried one after another, each for a share of the time.
package final class Connecting {
  private let loop: EventLoop
  private let endpoint: Endpoint
  private let connected: (consuming Descriptor) -> Void
  private let failed: (String) -> Void
  private var isOver = false
  private var resolver: Resolver?
  private var addresses: ArraySlice<SocketAddress> = []
  private var socket: Descriptor?
  private var watch: WatchToken?
  private var timer: TimerToken?

  /// How long one address may take to answer.
  static let patience = Duration.seconds(5)

  /// Begins to connect.
  ///
  /// - Parameters:
  ///   - endpoint: where to.
  ///   - loop: the loop that reports the result.
  ///   - connected: called from the loop with the socket.
  ///   - failed: called from the loop instead, with one line for people. After `cancel` neither is.
  package init(
    _ endpoint: Endpoint,
    on loop: EventLoop,
    connected: @escaping (consuming Descriptor) -> Void,
    failed: @escaping (String) -> Void
  ) {
    self.loop = loop
    self.endpoint = endpoint
    self.connected = connected
    self.failed = failed
    timer = loop.arm(at: .now) { [self] in begin() }
  }

  /// Gives it up.
  package func cancel() {
    isOver = true
    resolver?.cancel()
    resolver = nil
    release()
  }

  private func begin() {
    timer = nil
    switch SocketAddress.find(endpoint, isNumeric: true) {
    case .success(let found):
      addresses = found[...]
      return next("has no address")
    case .failure(let failure) where endpoint.socketFile != nil: return fail(failure.words)
    case .failure: break
    }
    do {
      resolver = try Resolver(endpoint, on: loop) { [self] answer in
        resolver = nil
        switch answer {
        case .success(let found):
          addresses = found[...]
          next("has no address")
        case .failure(let failure): fail(failure.words)
        }
      }
    } catch {
      fail(error.description)
    }
  }

  /// Tries the next address; if none is left, it ends with the last one's failure.
  private func next(_ reason: String) {
    release()
    guard let address = addresses.popFirst() else {
      return fail("\(endpoint.shown): \(reason)")
    }
    let number = lockstep_socket(address.family)
    if number < 0 { return next(SystemError.words(errno)) }
    let descriptor = Descriptor(owning: number)
    let result = address.bytes.withUnsafeBytes {
      lockstep_connect(number, $0.baseAddress, socklen_t($0.count))
    }
    if result != 0, errno != EINPROGRESS { return next(SystemError.words(errno)) }
    do {
      watch = try loop.watch(number, for: .writing) { [self] in answered() }
    } catch {
      return next(error.description)
    }
    socket = consume descriptor
    timer = loop.arm(after: Self.patience) { [self] in
      timer = nil
      next("no answer in \(Self.patience.components.seconds) seconds")
    }
  }

  private func answered() {
    guard let number = socket?.number else { return }
    let error = lockstep_socket_error(number)
    if error != 0 { return next(SystemError.words(error)) }
    // The watch must end before the socket is handed over.
    if let watch { loop.cancel(watch) }
    watch = nil
    guard let socket = socket.take() else { return }
    release()
    isOver = true
    connected(socket)
  }

  private func fail(_ words: String) {
    release()
    if isOver { return }
    isOver = true
    failed(words)
  }

  private func release() {
    if let timer { loop.disarm(timer) }
    timer = nil
    if let watch { loop.cancel(watch) }
    watch = nil
    socket = nil
  }
}
