import CLinux
import Clock
import Glibc
import Words

/// One request to a server and its answer, on the loop.
package final class HTTPExchange {
  private let loop: EventLoop
  private let completion: Completion<Result<HTTPResponse, PlainFailure>>
  private var connecting: Connecting?
  private var socket: Descriptor?
  private var watch: WatchToken?
  private var timer: TimerToken?
  private var unsent: ArraySlice<UInt8>
  private var received: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// How long the whole exchange may take.
  static let patience = Duration.seconds(10)
  /// How long an answer may be: some ten thousand services.
  static let largest = 1 << 24

  /// Sends a request.
  ///
  /// - Parameters:
  ///   - request: the whole request; it must ask the server to close the connection.
  ///   - endpoint: the server.
  ///   - loop: the loop.
  ///   - done: called once, from the loop, unless cancelled.
  package init(
    _ request: [UInt8],
    to endpoint: Endpoint,
    on loop: EventLoop,
    done: @escaping (Result<HTTPResponse, PlainFailure>) -> Void
  ) {
    self.loop = loop
    completion = Completion(done)
    unsent = request[...]
    connecting = Connecting(
      endpoint,
      on: loop,
      connected: { [self] in begin($0) },
      failed: { [self] in fail($0) }
    )
    timer = loop.arm(after: Self.patience) { [self] in
      timer = nil
      fail("no answer in \(Self.patience.forPeople)")
    }
  }

  /// Drops the answer.
  package func cancel() {
    completion.cancel()
    release()
  }

  private func begin(_ connected: consuming Descriptor) {
    connecting = nil
    let number = connected.number
    socket = consume connected
    do {
      watch = try loop.watch(number, for: .writing) { [self] in send() }
    } catch {
      fail(error.description)
    }
  }

  private func send() {
    guard let number = socket?.number else { return }
    while !unsent.isEmpty {
      let count = unsent.withUnsafeBytes { lockstep_send(number, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EAGAIN || errno == EINTR { return }
        return fail(SystemError.words(errno))
      }
      unsent = unsent.dropFirst(count)
    }
    if let watch { loop.cancel(watch) }
    do {
      watch = try loop.watch(number, for: .reading) { [self] in receive() }
    } catch {
      fail(error.description)
    }
  }

  private func receive() {
    guard let number = socket?.number else { return }
    while true {
      let count = buffer.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EAGAIN || errno == EINTR { return }
        return fail(SystemError.words(errno))
      }
      if count == 0 { break }
      received += buffer[..<count]
      if received.count > Self.largest {
        return fail("the answer is too long")
      }
    }
    do {
      finish(.success(try HTTPResponse(received)))
    } catch {
      finish(.failure(error))
    }
  }

  private func fail(_ words: String) { finish(.failure(PlainFailure(words: words))) }

  private func finish(_ result: Result<HTTPResponse, PlainFailure>) {
    release()
    completion.report(result)
  }

  private func release() {
    connecting?.cancel()
    connecting = nil
    if let timer { loop.disarm(timer) }
    timer = nil
    if let watch { loop.cancel(watch) }
    watch = nil
    socket = nil
  }
}
